//! Completions and man pages are generated from the command line's definition and committed: `make generate` writes them,
//! this compares them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

use std::collections::BTreeMap;
use std::path::Path;

use clap_complete::Shell;

fn fresh() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (shell, name) in
        [(Shell::Bash, "atmn.bash"), (Shell::Zsh, "_atmn"), (Shell::Fish, "atmn.fish"), (Shell::PowerShell, "atmn.ps1")]
    {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut atmn_cli::command(), "atmn", &mut text);
        files.insert(format!("completions/{name}"), tidy(&text));
    }
    let mut command = atmn_cli::command();
    command.build();
    man(&command, &mut files);
    files
}

fn man(command: &clap::Command, files: &mut BTreeMap<String, Vec<u8>>) {
    let name: &'static str = command.get_display_name().unwrap_or(command.get_name()).to_owned().leak();
    let mut page = Vec::new();
    let more = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    clap_mangen::Man::new(command.clone().name(name).after_long_help(clap::builder::Resettable::Reset))
        .render(&mut page)
        .unwrap();
    page.extend(sections(&more).into_bytes());
    files.insert(format!("man/{name}.1"), tidy(&page));
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        man(below, files);
    }
}

/// What stands behind the options in `--help`, as sections of a man page: a heading, then terms with what they mean.
fn sections(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    let line = |line: &str| match (line.strip_suffix(':'), line.trim_start().split_once("  ")) {
        (Some(heading), _) if !line.starts_with(' ') => format!(".SH {}\n", heading.to_uppercase()),
        (_, Some((term, meaning))) => format!(".TP\n\\fB{term}\\fR\n{}\n", meaning.trim()),
        _ if line.is_empty() => String::new(),
        _ if line.starts_with("   ") => format!("{}\n", line.trim()),
        _ => format!(".TP\n\\fB{}\\fR\n", line.trim()),
    };
    escaped.lines().map(line).collect()
}

/// Without blanks at line ends, as everything else in the repository.
fn tidy(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>().into_bytes()
}

#[test]
fn generated_files_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, content) in fresh() {
        let path = root.join(name);
        if std::env::var_os("ATMN_GENERATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &content).unwrap();
        }
        assert!(std::fs::read(&path).unwrap_or_default() == content, "{}: run `make generate`", path.display());
    }
}
