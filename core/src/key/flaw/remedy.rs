//! What to do about a text that is not a key, by the place where it was found.

/// What the user can do about a text that is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The same in every place.
    Text(&'static str),
    /// It depends on the place of the text.
    Placed(&'static Remedies),
}

/// The remedies of a class, one for each place. `{file}` stands for the path.
#[derive(Debug, PartialEq, Eq)]
pub struct Remedies {
    process: &'static str,
    env_file: &'static str,
    key_file: &'static str,
    /// The caller passed the text.
    argument: &'static str,
}

/// Where a text was found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    /// In a variable of the process.
    Process,
    /// In this `.env` file.
    EnvFile(&'a str),
    /// In this file, which a `…_FILE` variable names.
    KeyFile(&'a str),
    /// In an argument, or on stdin.
    Argument,
}

impl Remedy {
    /// The remedy as a sentence.
    pub(crate) fn at(self, place: Place<'_>) -> String {
        let remedies = match self {
            Self::Text(text) => return text.to_owned(),
            Self::Placed(remedies) => remedies,
        };
        match place {
            Place::Process => remedies.process.to_owned(),
            Place::Argument => remedies.argument.to_owned(),
            Place::EnvFile(path) => remedies.env_file.replace("{file}", path),
            Place::KeyFile(path) => remedies.key_file.replace("{file}", path),
        }
    }
}

impl Remedies {
    /// One remedy in a variable of the process, and another one elsewhere.
    const fn of_process(process: &'static str, elsewhere: &'static str) -> Self {
        Self { process, env_file: elsewhere, key_file: elsewhere, argument: elsewhere }
    }

    /// One remedy in a key file, and another one elsewhere.
    const fn of_key_file(key_file: &'static str, elsewhere: &'static str) -> Self {
        Self { process: elsewhere, env_file: elsewhere, key_file, argument: elsewhere }
    }
}

pub(super) const ONE_PASSWORD: Remedies = Remedies {
    process: "Run the program as `op run -- PROGRAM`.",
    env_file: "Run the program as `op run --env-file={file} -- PROGRAM`.",
    key_file: "Write the key itself to the file: `op read REFERENCE >{file}`.",
    argument: "Pass the key that `op read REFERENCE` prints.",
};

/// `dotenvx run` does not replace a variable that is set.
pub(super) const DOTENVX: Remedies = Remedies {
    process: "Unset the variable, and run the program as `dotenvx run -f FILE -- PROGRAM`, with the file that has it.",
    env_file: "Run the program as `dotenvx run -f {file} -- PROGRAM`.",
    key_file: "Write the key itself to the file: `dotenvx get NAME -f ENV_FILE >{file}`.",
    argument: "Pass the key that `dotenvx get NAME` prints.",
};

/// `vault-env` resolves what is in its environment, and nothing else.
pub(super) const VAULT: Remedies = Remedies {
    process: "Run the program under the tool that resolves such references, such as `vault-env`.",
    env_file: "Write the key itself. Tools such as `vault-env` resolve only the variables of a process.",
    key_file: "Write the key itself to the file. Tools such as `vault-env` resolve only the variables of a process.",
    argument: "Pass the key itself, which `vault read` prints.",
};

pub(super) const VALS: Remedies = Remedies {
    process: "Set the variable to the key that `vals get REFERENCE` prints.",
    env_file: "Replace the reference by the key that `vals get REFERENCE` prints.",
    key_file: "Write the key itself to the file: `vals get REFERENCE >{file}`.",
    argument: "Pass the key that `vals get REFERENCE` prints.",
};

pub(super) const SOPS: Remedies = Remedies {
    process: "Run the program as `sops exec-env FILE PROGRAM`, with the file that the value comes from.",
    env_file: "Run the program as `sops exec-env {file} PROGRAM`.",
    key_file: "Write the key itself to the file: `sops decrypt` prints it.",
    argument: "Pass the key itself, which `sops decrypt` prints.",
};

/// A variable of the process takes precedence over the reference.
pub(super) const INFISICAL: Remedies = Remedies {
    process: "Run the program as `infisical run -- PROGRAM`.",
    env_file: "Run the program as `infisical run -- PROGRAM`.",
    key_file: "Write the key itself to the file, or run the program as `infisical run -- PROGRAM`.",
    argument: "Pass the key itself.",
};

pub(super) const BITWARDEN: Remedies = Remedies {
    process: "Run the program as `bws run -- PROGRAM`.",
    env_file: "Run the program as `bws run -- PROGRAM`.",
    key_file: "Write the key itself to the file, or run the program as `bws run -- PROGRAM`.",
    argument: "Pass the key itself.",
};

pub(super) const PATH: Remedies = Remedies::of_key_file(
    "Name the file that has the key, instead of a file with its path.",
    "To read the key from a file, set the variable whose name ends in `_FILE` to the path.",
);

pub(super) const QUOTES: Remedies =
    Remedies::of_process("Remove the quotes. `docker --env-file` keeps them.", "Remove the quotes.");

pub(super) const COMMENT: Remedies =
    Remedies::of_process("Remove the comment. `docker --env-file` and systemd keep it.", "Remove the comment.");
