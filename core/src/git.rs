//! Asks `git` whether it would commit a file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cancel::Cancel;
use crate::child_process::{ChildOutput, NoAnswer, ask};
use crate::config::{GIT_MESSAGE_LIMIT, GIT_TIMEOUT};
use crate::error::{lack_hint, system_code};
use crate::host::{EXE_SUFFIX, Host, split_paths};
use crate::locations::shown;
use crate::text::{contains_secret, quoted, sanitize};
use crate::worktree::NoRepository;

enumeration! {
    /// How git treats a file.
    pub enum Git {
        /// The file is not in a work tree.
        None => "none",
        /// It is ignored.
        Ignored => "ignored",
        /// It is ignored since a line was added to `.gitignore`.
        Added => "added",
        /// It is not ignored: the next `git add .` would add it.
        NotIgnored => "not_ignored",
        /// It is tracked: the next commit would include it.
        Tracked => "tracked",
        /// It is in a work tree, and git did not answer.
        Unknown => "unknown",
    }
}

/// What the system said when git was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StartFailure {
    words: String,
    pub(crate) system_code: Option<&'static str>,
    /// What to do if the process lacks descriptors, processes or memory.
    pub(crate) lack_hint: Option<&'static str>,
}

impl From<std::io::Error> for StartFailure {
    fn from(error: std::io::Error) -> Self {
        Self { words: error.to_string(), system_code: system_code(&error), lack_hint: lack_hint(&error) }
    }
}

/// Why git did not answer; completes "git …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    NotInstalled,
    NotStarted(StartFailure),
    Slow,
    Failed(Option<String>),
    /// The `.git` file of the work tree names a repository that cannot answer.
    NoRepository(PathBuf, NoRepository),
}

impl Silence {
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::NotInstalled => "is not installed or not on PATH".to_owned(),
            Self::NotStarted(failure) => format!("could not be started: {}", failure.words),
            Self::Slow => format!("did not answer within {} seconds", GIT_TIMEOUT.as_secs()),
            Self::Failed(Some(message)) => format!("failed: {}", quoted(message)),
            Self::Failed(None) => "ended without an answer".to_owned(),
            Self::NoRepository(link, NoRepository::Absent) => {
                format!("finds no repository, since {} names a directory that does not exist here", shown(link))
            }
            Self::NoRepository(link, NoRepository::Empty) => {
                format!("finds no repository, since {} is empty", shown(link))
            }
            Self::NoRepository(link, NoRepository::Foreign) => {
                format!("was not asked, since {} names a repository of another user", shown(link))
            }
        }
    }
}

impl From<NoAnswer> for Silence {
    fn from(reason: NoAnswer) -> Self {
        match reason {
            NoAnswer::Start(error) => Self::NotStarted(error.into()),
            NoAnswer::Timeout => Self::Slow,
            NoAnswer::Ended(output) => Self::Failed(message(&output.stderr)),
        }
    }
}

/// Asks git about a file in the work tree with this root. The file does not need to exist. Ends at once if the call is
/// cancelled.
pub(crate) fn status(root: &Path, file: &Path, host: &Host, cancel: &Cancel) -> Result<Git, Silence> {
    let (Some(directory), Some(name)) = (file.parent(), file.file_name()) else { return Ok(Git::None) };
    if let Some(flaw) = NoRepository::of(root) {
        return Err(Silence::NoRepository(root.join(".git"), flaw));
    }
    let program = program(host).ok_or(Silence::NotInstalled)?;
    // The `./` prevents git from reading the name as a pattern.
    let name = Path::new(".").join(name);
    let question = Question { program: &program, root, directory, host, cancel };
    if question.is_tracked(&name)? {
        return Ok(Git::Tracked);
    }
    Ok(if question.is_ignored(&name)? { Git::Ignored } else { Git::NotIgnored })
}

/// The `git` on PATH. Relative entries are ignored: through them a project could provide a `git` of its choice.
fn program(host: &Host) -> Option<PathBuf> {
    let name = format!("git{EXE_SUFFIX}");
    let directories = split_paths(host.var("PATH")?).filter(|entry| entry.is_absolute());
    directories.map(|entry| entry.join(&name)).find(|program| program.is_file())
}

/// A question to git. Both answers to each question are texts, never an empty output, which a failure has too.
struct Question<'a> {
    program: &'a Path,
    root: &'a Path,
    directory: &'a Path,
    host: &'a Host,
    cancel: &'a Cancel,
}

impl Question<'_> {
    fn is_tracked(&self, name: &Path) -> Result<bool, Silence> {
        let mut command = self.command(&["--literal-pathspecs", "ls-files"]);
        // With `--others`, a file that exists is listed in both cases, with `?` as its tag if it is not tracked.
        command.args(["-z", "-t", "--cached", "--others", "--error-unmatch", "--"]).arg(name);
        ask(&mut command, b"", GIT_TIMEOUT, self.cancel, tracked).map_err(Silence::from)
    }

    fn is_ignored(&self, name: &Path) -> Result<bool, Silence> {
        let mut command = self.command(&["check-ignore"]);
        command.args(["-z", "--stdin", "--verbose", "--non-matching"]);
        let input = [name.as_os_str().as_encoded_bytes(), b"\0"].concat();
        ask(&mut command, &input, GIT_TIMEOUT, self.cancel, ignored).map_err(Silence::from)
    }

    /// The repository may be hostile, and belong to another account: git must not start a program that its configuration
    /// names, nor write to it. So nothing is lost by trusting its owner.
    fn command(&self, question: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.args(["--no-optional-locks", "--no-pager"]);
        for setting in ["safe.directory=*", "core.fsmonitor=", "core.hooksPath=/dev/null", "core.sshCommand="] {
            command.args(["-c", setting]);
        }
        // Named, because git would find a directory among the files that looks like a repository without a work tree.
        command.arg("--git-dir").arg(self.root.join(".git")).arg("--work-tree").arg(self.root);
        command.args(question).current_dir(self.directory);
        // Variables such as `GIT_DIR` make git answer for another repository.
        let is_git_variable = |name: &OsStr| name.to_string_lossy().to_ascii_uppercase().starts_with("GIT_");
        command.env_clear().envs(self.host.variables().filter(|(name, _)| !is_git_variable(name)));
        // A partial clone can name a program that fetches missing objects. The second variable is for git before 2.45.
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "").env("GIT_TERMINAL_PROMPT", "0");
        // One of the answers is a message.
        command.env("LC_ALL", "C");
        command
    }
}

/// `git ls-files -z -t --error-unmatch` lists the file with a tag, or says that it does not know the file.
fn tracked(output: &ChildOutput) -> Option<bool> {
    match output.stdout.as_slice() {
        [tag, b' ', rest @ ..] if rest.contains(&0) => Some(*tag != b'?'),
        [] => contains(&output.stderr, b"did not match any file").then_some(false),
        _ => None,
    }
}

/// `git check-ignore -z --verbose --non-matching` writes source, line, pattern and name, each with a final NUL. Without a
/// pattern, the first three are empty.
fn ignored(output: &ChildOutput) -> Option<bool> {
    let mut fields = output.stdout.split_inclusive(|byte| *byte == 0).filter(|field| field.ends_with(b"\0"));
    let pattern = fields.nth(2)?;
    fields.next()?;
    Some(!matches!(pattern, b"\0" | [b'!', ..]))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The message with which git ended, safe to print.
fn message(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let fatal = text.lines().find_map(|line| line.strip_prefix("fatal: ").or_else(|| line.strip_prefix("error: ")))?;
    (!contains_secret(fatal, &[])).then(|| sanitize(fatal, GIT_MESSAGE_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(stdout: &[u8], stderr: &[u8]) -> ChildOutput {
        ChildOutput { stdout: stdout.to_vec(), stderr: stderr.to_vec() }
    }

    #[test]
    fn only_a_whole_answer_counts() {
        assert_eq!(tracked(&output(b"H .env\0", b"warning: x\n")), Some(true));
        assert_eq!(tracked(&output(b"M .env\0M .env\0", b"")), Some(true));
        assert_eq!(tracked(&output(b"? .env\0", b"")), Some(false));
        let unknown = b"error: pathspec './.env' did not match any file(s) known to git\n";
        assert_eq!(tracked(&output(b"", unknown)), Some(false));
        for (stdout, stderr) in [("", ""), ("", "fatal: index file corrupt"), ("? .en", ""), (".env\0", "")] {
            assert_eq!(tracked(&output(stdout.as_bytes(), stderr.as_bytes())), None, "{stdout} {stderr}");
        }
        assert_eq!(ignored(&output(b".gitignore\x001\0/.env\0./.env\0", b"")), Some(true));
        assert_eq!(ignored(&output(b".gitignore\x002\0!/.env\0./.env\0", b"")), Some(false));
        assert_eq!(ignored(&output(b"\0\0\0./.env\0", b"")), Some(false));
        for stdout in ["", "\0\0\0", "\0\0\0./.en", ".gitignore\x001\0/.env\0"] {
            assert_eq!(ignored(&output(stdout.as_bytes(), b"")), None, "{stdout:?}");
        }
    }

    #[test]
    fn message_of_git_is_safe_to_print() {
        assert_eq!(message(b"hint: x\nfatal: bad \x1b[2J\nmore").unwrap(), "bad \u{fffd}[2J");
        assert_eq!(message(b"fatal: am_sk_live_0123456789"), None);
    }
}
