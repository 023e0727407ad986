//! `atmn save`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::key::pasted_keys;
use libatmn::{ApiKey, Error, Git, Result, SaveOptions, SaveResult, save_keys};

use crate::cli::{Global, SaveArguments};
use crate::output::Output;
use crate::stdin;

pub(crate) fn run(arguments: &SaveArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let text = stdin::read(output, "Paste one or two keys, then press Ctrl-D.")?;
    let keys = pasted_keys(text.reveal())?;
    if keys.is_empty() {
        return Err(Error::invalid("keys", "Stdin contains no key.")
            .with_hint("Pass one or two keys on stdin, such as `pbpaste | atmn save`."));
    }
    let options = SaveOptions {
        directory: global.dir.clone(),
        file: arguments.git.file,
        allow_tracked: arguments.git.allow_tracked,
        gitignore: arguments.git.gitignore(),
        ..SaveOptions::default()
    };
    let saved = save_keys(&keys, &options)?;
    if output.json {
        return Ok(output.data_json(&json::saved(&saved)));
    }
    print(&keys, &saved, output);
    // A login reports it as an event.
    saved.note.iter().for_each(|note| output.message(&format!("Warning: {note}")));
    Ok(ExitCode::SUCCESS)
}

/// Prints what was saved, what it replaced and what takes precedence. `atmn login` prints the same.
pub(crate) fn print(keys: &[ApiKey], saved: &SaveResult, output: &Output) {
    let path = saved.path.display();
    for key in keys {
        output.message(&format!("Saved the {} key {key} in {path}.", key.environment().name()));
    }
    for location in &saved.replaced {
        output.message(&match &location.masked {
            Some(key) => format!("Replaced {key} ({location}), which stays valid until you revoke it."),
            None => format!("Replaced a value that is not a key ({location})."),
        });
    }
    let git = match saved.git {
        Git::None | Git::Ignored => None,
        Git::Added => {
            let name = saved.path.file_name().unwrap_or_default().display();
            Some(format!("Added /{name} to .gitignore, so that the keys are not committed."))
        }
        Git::NotIgnored => Some(format!("Warning: git does not ignore {path}; add it to .gitignore.")),
        Git::Tracked => Some(format!("Warning: git tracks {path}, so the keys will be committed.")),
        Git::Unknown => Some(format!("Warning: could not find out whether git ignores {path}.")),
    };
    git.into_iter().for_each(|text| output.message(&text));
    for location in &saved.shadowed_by {
        output.message(&format!("Warning: {location} takes precedence over the saved key."));
    }
    if !saved.locked {
        output.message("Warning: could not lock the file; avoid saving from two programs at once.");
    }
}
