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
        files.insert(format!("completions/{name}"), tidy(atmn_cli::completion_script(shell).as_bytes()));
    }
    let mut command = atmn_cli::command();
    command.build();
    man(&command, &mut files);
    files
}

fn man(command: &clap::Command, files: &mut BTreeMap<String, Vec<u8>>) {
    let name: &'static str = command.get_display_name().unwrap_or(command.get_name()).to_owned().leak();
    let mut page = Vec::new();
    let examples = atmn_cli::examples_of(command.get_name());
    let plain = command.clone().name(name).before_help(clap::builder::Resettable::Reset);
    let plain = plain.after_help(clap::builder::Resettable::Reset).after_long_help(clap::builder::Resettable::Reset);
    clap_mangen::Man::new(plain).render(&mut page).unwrap();
    let mut page = with_values(command, &String::from_utf8(page).unwrap()).into_bytes();
    if command.get_after_long_help().is_some() {
        page.extend(sections(atmn_cli::SECTIONS).into_bytes());
    }
    page.extend(sections(examples.map(std::slice::from_ref).unwrap_or_default()).into_bytes());
    files.insert(format!("man/{name}.1"), tidy(&page));
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        man(subcommand, files);
    }
}

/// The synopsis with the values of options, which clap_mangen leaves out, and with the name that the help gives a command.
fn with_values(command: &clap::Command, page: &str) -> String {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let synopsis = lines.iter().position(|line| line == ".SH SYNOPSIS").unwrap() + 1;
    for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
        let (Some(long), Some(values)) = (argument.get_long(), argument.get_value_names()) else { continue };
        let option = format!("\\-\\-{}\\fR", long.replace('-', "\\-"));
        let value = format!("{option} \\fI{}\\fR", values[0].replace('-', "\\-"));
        lines[synopsis] = lines[synopsis].replacen(&option, &value, 1);
    }
    lines[synopsis] = lines[synopsis].replace("<\\fIsubcommands\\fR>", "<\\fICOMMAND\\fR>");
    lines.join("\n") + "\n"
}

/// The sections after the options in `--help`, as sections of a man page.
fn sections(sections: &[atmn_cli::Section]) -> String {
    let escape = |text: &str| text.replace('\\', "\\e").replace('-', "\\-");
    let term = |(term, description): &(&str, &str)| format!(".TP\n\\fB{}\\fR\n{}\n", escape(term), escape(description));
    let section = |(heading, terms): &(&str, &[(&str, &str)])| {
        format!(".SH {}\n{}", heading.to_uppercase(), terms.iter().map(term).collect::<String>())
    };
    sections.iter().map(section).collect()
}

/// Removes spaces at the ends of lines, as in every file of the repository.
fn tidy(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>().into_bytes()
}

#[test]
fn completions_list_values_and_no_hidden_options() {
    let files = fresh();
    for (name, text) in files.iter().filter(|(name, _)| name.starts_with("completions/")) {
        let text = String::from_utf8(text.clone()).unwrap();
        assert!(!text.contains("--ports"), "{name} lists hidden options");
        let values = ["always", "PATCH", "powershell", "billing", ".env.local", "rewards:write"];
        values.iter().for_each(|value| assert!(text.contains(value), "{name} does not complete {value}"));
    }
}

/// Fish offers no value that begins with a dot until the dot is typed.
#[test]
fn fish_completes_files_that_begin_with_a_dot() {
    let fish = String::from_utf8(fresh()["completions/atmn.fish"].clone()).unwrap();
    for command in ["login", "save", "logout"] {
        let line = format!("using_subcommand {command}\" -f -a \"--file=.env --file=.env.local\"");
        assert!(fish.contains(&line), "{command}");
    }
}

#[test]
fn man_pages_refer_only_to_pages_that_exist() {
    let files = fresh();
    for (name, text) in files.iter().filter(|(name, _)| name.starts_with("man/")) {
        let text = String::from_utf8(text.clone()).unwrap().replace("\\-", "-");
        for reference in text.split_whitespace().filter_map(|word| word.strip_suffix("(1)")) {
            assert!(files.contains_key(&format!("man/{reference}.1")), "{name} refers to {reference}(1)");
        }
        assert!(!text.contains("subcommands>") && text.contains(".SH EXAMPLES"), "{name}");
    }
    let login = String::from_utf8(files["man/atmn-login.1"].clone()).unwrap();
    assert!(login.contains("[\\fB\\-\\-timeout\\fR \\fITIME\\fR]"), "{login}");
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
