//! Values that the generators of clap do not complete: files after `@`, lists of scopes, programs, and in fish and
//! PowerShell the values of arguments.

use std::fmt::Write as _;

use clap::{Arg, Command};
use clap_complete::Shell;
use libatmn::__internal::config::SCOPES;

/// Bash ends words at `@`, `=` and `:`, so the word before the cursor is taken from the line, and only its last part is
/// replaced.
const BASH: &str = r#"
_atmn_files() {
    local word="$1" current="$2" path
    while IFS= read -r path; do
        printf -v path %q "$path"
        [[ -d "$path" ]] && path="$path/"
        [[ "$current" == @* ]] && path="@$path"
        COMPREPLY+=("$path")
    done < <(compgen -f -- "${word#@}")
    [[ "${BASH_VERSINFO[0]}" -ge 4 && "${COMPREPLY[0]}" == */ ]] && compopt -o nospace
}

_atmn_scopes() {
    local word="$1" before="${1%"$2"}" list="${1%"${1##*[,=]}"}" scope
    for scope in SCOPES; do
        scope="$list$scope"
        [[ "$scope" == "$word"* ]] && COMPREPLY+=("${scope#"$before"}")
    done
    [[ "${BASH_VERSINFO[0]}" -ge 4 ]] && compopt -o nospace
}

# The number of the program's name among the words, after `atmn run`.
_atmn_program() {
    local at run=
    for (( at = 1; at <= COMP_CWORD; at++ )); do
        case "$run${COMP_WORDS[at]}" in
            run) run=1/ ;;
            1/--dir) [[ "${COMP_WORDS[at + 1]}" == '=' ]] && (( at += 2 )) || (( at += 1 )) ;;
            1/-*) ;;
            1/*) echo "$at"; return ;;
        esac
    done
}

_atmn_values() {
    local line="${COMP_LINE:0:COMP_POINT}" word program
    word="${line##*[[:space:]]}"
    program="$(_atmn_program)"
    COMPREPLY=()
    if [[ -n "$program" ]]; then
        if declare -F _command_offset >/dev/null; then
            _command_offset "$program"
        elif (( program == COMP_CWORD )) && [[ "$word" != */* ]]; then
            COMPREPLY=($(compgen -c -- "$word"))
        fi
    elif [[ "$word" == --scopes=* || "${line%"$word"}" =~ [[:space:]]--scopes[[:space:]]+$ ]]; then
        _atmn_scopes "$word" "$2"
    elif [[ "${word#--data=}" == @* ]]; then
        _atmn_files "${word#--data=}" "$2"
    else
        _atmn "$@"
        return
    fi
    return 0
}

complete -F _atmn_values -o bashdefault -o default atmn
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

(( $+functions[_atmn_scopes] )) ||
_atmn_scopes() {
    local expl
    local -a scopes
    scopes=(SCOPES)
    compset -P '*,'
    _wanted scopes expl scope compadd -qS , -a scopes
}
"#;

const FISH: &str = r#"
function __fish_atmn_data
    set -l token (commandline -ct)
    string match -q -- '@*' $token
    and printf '@%s\n' (__fish_complete_path (string sub --start=2 -- $token))
end

function __fish_atmn_scopes
    set -l before (string match -r -- '^.*,' (commandline -ct))
    printf "$before%s\n" SCOPES
end

# Completes the command line after `atmn run`.
function __fish_atmn_program
    set -l words (commandline -opc)
    set -l at (contains -i -- run $words)
    or return
    set -e words[1..$at]
    while string match -q -- '-*' "$words[1]"
        set -e words[1]
    end
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end

"#;

const POWERSHELL: &str = r#"
    # The values of options and arguments, files after `@`, and programs after `run`.
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
    if ($subcommand -ceq 'run' -and ($before -ceq 'run' -or $before -ceq '--') -and -not $word.StartsWith('-')) {
        [CompletionCompleters]::CompleteCommand($word)
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
        Shell::Bash => script + &with_scopes(BASH),
        Shell::Zsh => zsh(&script),
        Shell::Fish => fish(command, &script),
        Shell::PowerShell => powershell(command, &script),
        _ => script,
    }
}

/// The scopes of a login, separated by spaces.
fn with_scopes(script: &str) -> String {
    script.replace("SCOPES", &SCOPES.join(" "))
}

fn zsh(script: &str) -> String {
    let script = script.replace(":JSON:_files", ":JSON:_atmn_data");
    let listed = format!(":SCOPE,…:({})", SCOPES.join(" ").replace(':', "\\:"));
    let script = script.replace(&listed, ":SCOPE,…:_atmn_scopes");
    // The last lines call the function, after all are defined.
    script.replacen("\nif [ \"$funcstack[1]\"", &format!("{}\nif [ \"$funcstack[1]\"", with_scopes(ZSH)), 1)
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
    let functions = with_scopes(FISH);
    let mut script = format!("{script}{functions}complete -c atmn -l dir -x -a \"(__fish_complete_directories)\"\n");
    for subcommand in command.get_subcommands() {
        let condition = format!("complete -c atmn -n \"__fish_atmn_using_subcommand {}\"", subcommand.get_name());
        for (argument, values) in with_values(subcommand).filter(|(argument, _)| argument.is_positional()) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default().replace('\'', "\\'");
            let _ = writeln!(script, "{condition} -f -a \"{}\" -d '{help}'", values.join(" "));
        }
        if subcommand.get_arguments().any(|argument| argument.get_long() == Some("data")) {
            let _ = writeln!(script, "{condition} -s d -l data -x -a \"(__fish_atmn_data)\"");
        }
        if subcommand.get_arguments().any(|argument| argument.get_long() == Some("scopes")) {
            let _ = writeln!(script, "{condition} -l scopes -x -a \"(__fish_atmn_scopes)\"");
        }
        // Fish offers no value that begins with a dot until the dot is typed, but a word with the option before it.
        for (argument, values) in with_values(subcommand).filter(|(_, values)| values[0].starts_with('.')) {
            let Some(option) = argument.get_long() else { continue };
            let words = values.iter().map(|value| format!("--{option}={value}")).collect::<Vec<_>>().join(" ");
            let _ = writeln!(script, "{condition} -f -a \"{words}\"");
        }
        if subcommand.get_name() == "run" {
            let _ = writeln!(script, "{condition} -f -a \"(__fish_atmn_program)\"");
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
