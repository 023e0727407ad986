//! Completions and man pages are generated from the definition of the command line and committed. `make generate` writes
//! them, and this test compares them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption fails the test

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
    clap_mangen::Man::new(command.clone().name(name).after_long_help(clap::builder::Resettable::Reset))
        .render(&mut page)
        .unwrap();
    if command.get_after_long_help().is_some() {
        page.extend(sections().into_bytes());
    }
    files.insert(format!("man/{name}.1"), tidy(&page));
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        man(subcommand, files);
    }
}

/// The sections after the options in `--help`, as sections of a man page.
fn sections() -> String {
    let escape = |text: &str| text.replace('\\', "\\e").replace('-', "\\-");
    let term = |(term, description): &(&str, &str)| format!(".TP\n\\fB{}\\fR\n{}\n", escape(term), escape(description));
    let section = |(heading, terms): &(&str, &[(&str, &str)])| {
        format!(".SH {}\n{}", heading.to_uppercase(), terms.iter().map(term).collect::<String>())
    };
    atmn_cli::SECTIONS.iter().map(section).collect()
}

/// Removes spaces at the ends of lines, as in every file of the repository.
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
