//! `atmn save`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::{ApiKey, Error, Git, Result, SaveOptions, SaveResult, save_keys};

use crate::cli::{Global, SaveArguments};
use crate::key::read_stdin;
use crate::output::Output;

pub(crate) fn run(arguments: &SaveArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let text = read_stdin(output, "Paste one or two keys, then press Ctrl-D.")?;
    let keys = text.reveal().split_whitespace().map(ApiKey::parse).collect::<Result<Vec<_>>>()?;
    if keys.is_empty() {
        return Err(Error::invalid("keys", "There is no key on stdin.")
            .with_hint("Pipe one or two keys into the command, such as `pbpaste | atmn save`."));
    }
    let options = SaveOptions {
        directory: global.dir.clone(),
        allow_tracked: arguments.git.allow_tracked,
        gitignore: arguments.git.gitignore(),
        host: None,
    };
    let saved = save_keys(&keys, &options)?;
    if output.json {
        return Ok(output.data_json(&json::saved(&saved)));
    }
    tell(&keys, &saved, output);
    Ok(ExitCode::SUCCESS)
}

/// Says what was saved, and whether it is in force; a login ends with the same words.
pub(crate) fn tell(keys: &[ApiKey], saved: &SaveResult, output: &Output) {
    let path = saved.path.display();
    for key in keys {
        output.talk(&format!("Saved the {} key {key} in {path}.", key.environment().name()));
    }
    for location in &saved.replaced {
        let old = location.masked.as_deref().unwrap_or("a value that was no key");
        output.talk(&format!("It replaces {old} ({location})."));
    }
    let git = match saved.git {
        Git::None | Git::Ignored => None,
        Git::Added => Some("Added /.env to .gitignore, so that the keys are not committed.".to_owned()),
        Git::NotIgnored => Some(format!("Warning: git does not ignore {path}: add it to .gitignore.")),
        Git::Tracked => Some(format!("Warning: git tracks {path}: the keys will be committed.")),
        Git::Unknown => Some(format!("Git could not be asked whether it ignores {path}.")),
    };
    git.into_iter().for_each(|text| output.talk(&text));
    for location in &saved.shadowed_by {
        output.talk(&format!("Warning: not in force, since this comes first: {location}."));
    }
    if !saved.locked {
        output.talk("The file could not be locked; do not save from two programs at once.");
    }
}
