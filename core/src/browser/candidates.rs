//! Which programs to try, and in which order. The functions are pure, so that every platform's list is tested on every
//! platform.

use crate::host::{Host, HostKind};

/// A program with its arguments, one of which is or contains the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
}

/// The platform on which programs are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Linux { display: bool },
    Wsl,
    Mac,
    Windows,
}

/// The programs to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OpenPlan {
    /// Try these in order.
    Try(Vec<Candidate>),
    /// Try no program, for this reason.
    Skip(&'static str),
}

impl Platform {
    pub(crate) fn of(host: &Host, kind: &HostKind) -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::Mac
        } else if kind.wsl {
            Self::Wsl
        } else {
            Self::Linux { display: host.text("DISPLAY").is_some() || host.text("WAYLAND_DISPLAY").is_some() }
        }
    }
}

/// The programs that `$BROWSER` names, then the platform's opener.
pub(crate) fn plan(url: &str, browser: Option<&str>, platform: Platform) -> OpenPlan {
    // PowerShell gets the URL in quotes, and Windows programs interpret `%` and `^`.
    if !url.bytes().all(|byte| byte.is_ascii_graphic() && !b"'\"`<>\\^{|}".contains(&byte)) {
        return OpenPlan::Skip("the URL contains characters that a program could misinterpret");
    }
    let wanted = browser.map(|list| from_variable(url, list, platform)).unwrap_or_default();
    // The usual way to disable the browser; the entries after it are not tried.
    if let Some(name) = wanted.iter().map(|candidate| file_name(&candidate.program)).find(|name| is_disabled(name)) {
        return OpenPlan::Skip(if name == "none" { "disabled by BROWSER=none" } else { "disabled by BROWSER=false" });
    }
    let without_display = platform == Platform::Linux { display: false };
    if wanted.is_empty() && without_display {
        return OpenPlan::Skip("there is no graphical display");
    }
    // Without a display, the platform's openers would start a browser inside this terminal.
    let usual = if without_display { Vec::new() } else { openers(url, platform) };
    OpenPlan::Try(wanted.into_iter().chain(usual).collect())
}

fn is_disabled(name: &str) -> bool {
    matches!(name, "false" | "none")
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
        // Not `start`, which is a builtin of the shell, and not `explorer`, which exits with 1 on success.
        Platform::Windows => vec![candidate("rundll32.exe", &["url.dll,FileProtocolHandler", url])],
        Platform::Wsl => {
            // Inside single quotes, only a single quote is special to PowerShell, and the URL contains none.
            let start = format!("Start-Process '{url}'");
            let quiet = ["-NoProfile", "-NonInteractive", "-Command", start.as_str()];
            let absolute = "/mnt/c/Windows/System32/WindowsPowerShell/v1.0/powershell.exe";
            let windows =
                [candidate("wslview", &[url]), candidate("powershell.exe", &quiet), candidate(absolute, &quiet)];
            windows.into_iter().chain(portals).collect()
        }
    }
}

/// The entries of `$BROWSER`: a list of commands, each with the URL in place of `%s` or as the last argument.
fn from_variable(url: &str, list: &str, platform: Platform) -> Vec<Candidate> {
    let separator = if platform == Platform::Windows { ';' } else { ':' };
    list.split(separator).filter_map(|entry| entry_candidate(url, entry)).collect()
}

fn entry_candidate(url: &str, entry: &str) -> Option<Candidate> {
    // An unquoted path with a space in it, as is common inside WSL, is one word.
    let is_file = entry.starts_with('/') && std::path::Path::new(entry).is_file();
    let mut words = if is_file { vec![entry.to_owned()] } else { split(entry) };
    // In "firefox %s &", the `&` asks for a background process, which every candidate is.
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

/// Splits a command into words with the quoting rules of a shell, and expands nothing.
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

/// The last component of a program's path.
pub(super) fn file_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}
