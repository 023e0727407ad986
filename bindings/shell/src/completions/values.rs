//! Values that the generators of clap do not complete: files after `@`, and in fish and PowerShell the values of arguments.

use std::fmt::Write as _;

use clap::{Arg, Command};
use clap_complete::Shell;

/// Bash ends words at `@` and `=`, so the word before the cursor is taken from the line.
const BASH: &str = r#"
_atmn_data() {
    local word="${COMP_LINE:0:COMP_POINT}" path
    word="${word##*[[:space:]]}"
    word="${word#--data=}"
    if [[ "$word" != @* ]]; then
        _atmn "$@"
        return
    fi
    COMPREPLY=()
    while IFS= read -r path; do
        printf -v path %q "$path"
        [[ -d "$path" ]] && path="$path/"
        [[ "$2" == @* ]] && path="@$path"
        COMPREPLY+=("$path")
    done < <(compgen -f -- "${word#@}")
    [[ "${BASH_VERSINFO[0]}" -ge 4 && "${COMPREPLY[0]}" == */ ]] && compopt -o nospace
    return 0
}

complete -F _atmn_data -o bashdefault -o default atmn
"#;

const ZSH: &str = r#"
(( $+functions[_atmn_data] )) ||
_atmn_data() {
    if compset -P '@'; then
        _files
    else
        _message 'JSON, or @FILE'
    fi
}
"#;

const FISH: &str = r#"
function __fish_atmn_data
    set -l token (commandline -ct)
    string match -q -- '@*' $token
    and printf '@%s\n' (__fish_complete_path (string sub --start=2 -- $token))
end

"#;

const POWERSHELL: &str = r#"
    # The values of options and arguments, and files after `@`.
    $words = @($commandElements | ForEach-Object { $_.Extent.Text })
    $before = if ($wordToComplete) { $words[-2] } else { $words[-1] }
    $subcommand = @($words | Select-Object -Skip 1 | Where-Object { $_ -cin SUBCOMMANDS }) | Select-Object -First 1
    $word = $wordToComplete.Trim("'", '"')
    if ($before -ceq '--dir') {
        Get-ChildItem -Directory -Path "$word*" | ForEach-Object {
            [CompletionResult]::new("'$($_.FullName)'", $_.Name, [CompletionResultType]::ProviderContainer, $_.FullName)
        }
        return
    }
    if ($subcommand -ceq 'api' -and $before -cin '-d', '--data') {
        if ($word.StartsWith('@')) {
            Get-ChildItem -Path "$($word.Substring(1))*" | ForEach-Object {
                [CompletionResult]::new("'@$($_.FullName)'", $_.Name, [CompletionResultType]::ProviderItem, $_.FullName)
            }
        }
        return
    }
    $values = @(switch -CaseSensitive ("$subcommand $before") {
VALUES    })
    $results = @($values | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
        [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_)
    })
    if ($results) {
        $results
        return
    }

"#;

/// The script with the values that it lacks.
pub(super) fn add(shell: Shell, command: &Command, script: String) -> String {
    match shell {
        Shell::Bash => script + BASH,
        Shell::Zsh => zsh(&script),
        Shell::Fish => fish(command, &script),
        Shell::PowerShell => powershell(command, &script),
        _ => script,
    }
}

fn zsh(script: &str) -> String {
    // The last lines call the function, after all are defined.
    let script = script.replace(":JSON:_files", ":JSON:_atmn_data");
    script.replacen("\nif [ \"$funcstack[1]\"", &format!("{ZSH}\nif [ \"$funcstack[1]\""), 1)
}

/// The arguments of a command that have a fixed set of values, with the values.
fn with_values(command: &Command) -> impl Iterator<Item = (&Arg, Vec<String>)> {
    let arguments = command.get_arguments().filter(|argument| argument.get_action().takes_values());
    let values = |argument: &Arg| {
        let possible = argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set());
        possible.map(|value| value.get_name().to_owned()).collect::<Vec<_>>()
    };
    arguments.map(move |argument| (argument, values(argument))).filter(|(_, values)| !values.is_empty())
}

fn fish(command: &Command, script: &str) -> String {
    // Before a subcommand, the condition of clap does not hold after an option that takes a value.
    let mut script = format!("{script}{FISH}complete -c atmn -l dir -x -a \"(__fish_complete_directories)\"\n");
    for subcommand in command.get_subcommands() {
        let condition = format!("complete -c atmn -n \"__fish_atmn_using_subcommand {}\"", subcommand.get_name());
        for (argument, values) in with_values(subcommand).filter(|(argument, _)| argument.is_positional()) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default().replace('\'', "\\'");
            let _ = writeln!(script, "{condition} -f -a \"{}\" -d '{help}'", values.join(" "));
        }
        if subcommand.get_arguments().any(|argument| argument.get_long() == Some("data")) {
            let _ = writeln!(script, "{condition} -s d -l data -x -a \"(__fish_atmn_data)\"");
        }
    }
    // Only the lines above complete the files.
    let lines = script.lines().map(|line| match line.contains(" -s d -l data -d ") {
        true => line.replacen(" -r -F", " -x", 1),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn powershell(command: &Command, script: &str) -> String {
    let mut cases = String::new();
    for subcommand in command.get_subcommands() {
        let name = subcommand.get_name();
        for (argument, values) in with_values(subcommand) {
            let values = values.iter().map(|value| format!("'{value}'")).collect::<Vec<_>>().join(", ");
            let short = argument.get_short().map(|short| format!("-{short}"));
            let long = argument.get_long().map(|long| format!("--{long}"));
            // The word before the first argument is the subcommand.
            let positional = argument.is_positional().then(|| name.to_owned());
            for before in [short, long, positional].into_iter().flatten() {
                let _ = writeln!(cases, "        '{name} {before}' {{ {values} }}");
            }
        }
    }
    let names: Vec<_> = command.get_subcommands().map(|subcommand| format!("'{}'", subcommand.get_name())).collect();
    let added = POWERSHELL.replace("SUBCOMMANDS", &names.join(", ")).replace("VALUES", &cases);
    script.replacen("\n    $completions = @(", &format!("{added}    $completions = @("), 1)
}
