//! Which programs to try, in which order: pure, so that every platform's list is tested on every platform.

use crate::host::HostKind;

/// A program with its arguments, the address among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
}

/// Where programs are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Linux { display: bool },
    Wsl,
    Mac,
    Windows,
}

/// What there is to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// These, one after the other.
    Try(Vec<Candidate>),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

impl Platform {
    pub(crate) fn here(surroundings: &HostKind, env: impl Fn(&str) -> Option<String>) -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::Mac
        } else if surroundings.wsl {
            Self::Wsl
        } else {
            Self::Linux { display: env("DISPLAY").is_some() || env("WAYLAND_DISPLAY").is_some() }
        }
    }
}

/// What `$BROWSER` says comes first, as it stands; then the platform's own opener.
pub(crate) fn plan(url: &str, browser: Option<&str>, platform: Platform) -> Plan {
    // One of our callers quotes it, another hands it to a program that takes `%` or `^` for its own.
    if !url.bytes().all(|byte| byte.is_ascii_graphic() && !b"'\"`<>\\^{|}".contains(&byte)) {
        return Plan::Nothing("its address has characters that no browser should be handed");
    }
    let wanted = browser.map(|list| from_variable(url, list, platform)).unwrap_or_default();
    // The usual way to say "none, please"; what stands behind it in the list is not meant to be tried.
    if wanted.iter().any(|candidate| matches!(file_name(&candidate.program), "false" | "none")) {
        return Plan::Nothing("$BROWSER says not to");
    }
    let without_display = platform == Platform::Linux { display: false };
    if wanted.is_empty() && without_display {
        return Plan::Nothing("there is no graphical display");
    }
    // Without a display, what is left would open a browser inside this terminal.
    let usual = if without_display { Vec::new() } else { openers(url, platform) };
    Plan::Try(wanted.into_iter().chain(usual).collect())
}

fn openers(url: &str, platform: Platform) -> Vec<Candidate> {
    let candidate = |program: &str, arguments: &[&str]| Candidate {
        program: program.to_owned(),
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
    };
    let portals = [candidate("xdg-open", &[url]), candidate("gio", &["open", url])];
    match platform {
        Platform::Linux { .. } => portals.into(),
        Platform::Mac => vec![candidate("/usr/bin/open", &[url])],
        // Not `start`, which is a word of the shell, and not `explorer`, which ends with 1 when all is well.
        Platform::Windows => vec![candidate("rundll32.exe", &["url.dll,FileProtocolHandler", url])],
        Platform::Wsl => {
            // Between single quotes, PowerShell reads nothing but a single quote, and there is none in the address.
            let start = format!("Start-Process '{url}'");
            let quiet = ["-NoProfile", "-NonInteractive", "-Command", start.as_str()];
            let elsewhere = "/mnt/c/Windows/System32/WindowsPowerShell/v1.0/powershell.exe";
            let windows =
                [candidate("wslview", &[url]), candidate("powershell.exe", &quiet), candidate(elsewhere, &quiet)];
            windows.into_iter().chain(portals).collect()
        }
    }
}

/// The entries of `$BROWSER`: a list, each with the address in place of `%s` or at its end.
fn from_variable(url: &str, list: &str, platform: Platform) -> Vec<Candidate> {
    let separator = if platform == Platform::Windows { ';' } else { ':' };
    list.split(separator).filter_map(|entry| entry_candidate(url, entry)).collect()
}

fn entry_candidate(url: &str, entry: &str) -> Option<Candidate> {
    // A path with a blank in it, as many set it inside WSL, is one word although nobody quoted it.
    let is_file = entry.starts_with('/') && std::path::Path::new(entry).is_file();
    let mut words = if is_file { vec![entry.to_owned()] } else { split(entry) };
    // "firefox %s &" is how the variable was once meant to say what we do anyway.
    words.pop_if(|word| word == "&");
    let mut words = words.into_iter();
    let program = words.next().filter(|program| !program.is_empty())?;
    let mut arguments: Vec<String> = words.collect();
    if arguments.iter().any(|argument| argument.contains("%s")) {
        arguments.iter_mut().for_each(|argument| *argument = argument.replace("%s", url));
    } else {
        arguments.push(url.to_owned());
    }
    Some(Candidate { program, arguments })
}

/// Words as a shell would see them: blanks, quotes and backslashes, and nothing else of what a shell does.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(characters.next()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The last part of a program's path.
pub(super) fn file_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}
