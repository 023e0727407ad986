//! What a user sees: recorded terminals of three widths, with and without colours, compared with committed recordings.
//! `make generate` writes them.

use std::path::PathBuf;
use std::process::Command;

use atmn_tests::project::binary;
use atmn_tests::repository;

use crate::world::{CommandFixture, Process, get};

const WIDTHS: &[usize] = &[40, 80, 200];

/// A terminal of this width in which a command runs in `/srv/shop`, so that paths have the same length on every machine.
pub(crate) fn terminal(world: &CommandFixture, width: usize, colored: bool, command: &str) -> Process {
    let inside = format!(
        "mount -t tmpfs none /srv && mkdir /srv/shop && mount --bind '{}' /srv/shop && cd /srv/shop && {command}",
        world.project.path("").display()
    );
    world.project.write("../home/run", inside);
    let line = format!(
        "stty cols {width} rows 50; exec unshare --user --map-root-user --mount sh '{}/run'",
        world.project.home().display()
    );
    let plain = world.command(&[], &["env"]);
    let mut script = Command::new("env");
    script.args(["--default-signal", "script", "--quiet", "--return", "--command", &line, "/dev/null"]).env_clear();
    script.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    script.env("TERM", "xterm-256color").env("BROWSER", "/bin/true").env("TZ", "UTC").env("ATMN", binary());
    // In a container, a login gives advice about ports; those of this kind have the network of their host.
    script.env("container", "flatpak");
    if !colored {
        script.env("NO_COLOR", "1");
    }
    world.start(&mut script)
}

/// The screen after the last line: without status lines that were removed, and without what differs between runs.
fn screen(text: &str) -> String {
    let line = |line: &str| {
        let line = line.trim_end_matches('\r');
        let line = line.rsplit("\r\u{1b}[K").next().unwrap_or_default();
        line.replace('\u{1b}', "␛")
    };
    let lines: Vec<String> = text.lines().map(line).collect();
    stable(&lines.join("\n")) + "\n"
}

/// The text with the same port, time, key and link in every run.
fn stable(text: &str) -> String {
    let mut stable = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
        if let Some(after) = rest.strip_prefix("localhost:").filter(|after| digits(after) == 5) {
            stable.push_str("localhost:12345");
            rest = &after[5..];
        } else if let Some(after) = rest.strip_prefix("(until ") {
            stable.push_str("(until 12:00");
            rest = &after[5..];
        } else if let Some(after) = rest.strip_prefix("_…") {
            stable.push_str("_…abcd");
            rest = &after[4..];
        } else if let Some(after) = rest.strip_prefix("/oauth2/authorize?response_type") {
            stable.push_str("/oauth2/authorize?QUERY");
            rest = after.find('␛').map_or("", |end| &after[end..]);
        } else {
            stable.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    stable
}

fn login(world: &CommandFixture, width: usize, colored: bool) -> String {
    let mut process = terminal(world, width, colored, &format!("exec \"$ATMN\" login --ports {}", world.port));
    let line = process.line_with("/oauth2/authorize?");
    let url = line.split("]8;;").nth(1).unwrap().split('\u{1b}').next().unwrap().to_owned();
    process.line_with("Opened your browser");
    world.approve(&url);
    process.end().ok().stdout
}

fn recording(width: usize, colored: bool) -> String {
    let world = CommandFixture::new();
    let show = |title: &str, text: &str| format!("$ atmn {title}\n{}\n", screen(text));
    let run = |arguments: &str| {
        let done = terminal(&world, width, colored, &format!("\"$ATMN\" {arguments}; true")).end();
        show(arguments, &done.stdout)
    };
    let mut text = show("login", &login(&world, width, colored));
    for arguments in
        ["env", "login --sandbox-only", "api /v1/customers --query limit=1", "api /v1/customers/unknown", "logn", "-h"]
    {
        text.push_str(&run(arguments));
    }
    text
}

fn file(width: usize, colored: bool) -> PathBuf {
    let kind = if colored { "colored" } else { "plain" };
    repository().join(format!("bindings/shell/tests/recordings/{width}-{kind}.txt"))
}

#[test]
fn generated_recordings_are_up_to_date() {
    for (width, colored) in WIDTHS.iter().copied().flat_map(|width| [(width, true), (width, false)]) {
        let (fresh, path) = (recording(width, colored), file(width, colored));
        if std::env::var_os("ATMN_GENERATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &fresh).unwrap();
        }
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        let difference = fresh.lines().zip(known.lines()).find(|(fresh, known)| fresh != known);
        assert!(fresh == known, "{}: run `make generate`; first difference: {difference:?}\n{fresh}", path.display());
    }
    WIDTHS.iter().copied().for_each(check_rules);
    check_pictures();
}

/// The pictures of the README are drawn from a recording, with its colours.
fn check_pictures() {
    let world = CommandFixture::new();
    let folder = world.project.path("");
    let pictures = repository().join("docs/pictures");
    let status = Command::new(pictures.join("draw")).arg(&folder).status().unwrap();
    assert!(status.success());
    for name in ["terminal.svg", "terminal-dark.svg"] {
        let fresh = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(fresh.matches("<tspan fill=").count() >= 8, "{name} has no colours");
        if std::env::var_os("ATMN_GENERATE").is_some() {
            std::fs::write(pictures.join(name), &fresh).unwrap();
        }
        let known = std::fs::read_to_string(pictures.join(name)).unwrap_or_default();
        assert!(fresh == known, "{name}: run `make generate`");
    }
}

/// The recordings themselves keep the rules: styles only with colours, and no word broken at the edge.
fn check_rules(width: usize) {
    let read = |width, colored| std::fs::read_to_string(file(width, colored)).unwrap();
    let styles = |text: &str| text.matches("␛[").count();
    assert!(styles(&read(width, true)) > 20 && styles(&read(width, false)) == 0, "{width}");
    let messages = |text: String| text.split("$ atmn -h").next().unwrap().to_owned();
    // JSON is not broken, and a word that is longer than the terminal stays whole.
    let is_prose = |line: &&str| line.contains(' ') && !line.contains("\": ") && !line.starts_with('$');
    for line in messages(read(width, false)).lines().filter(is_prose) {
        assert!(line.chars().count() <= width, "{width}: {line}");
    }
    let words = |text: String| messages(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(read(width, false)), words(read(200, false)), "{width}");
}

#[test]
fn pipes_and_plain_terminals_get_no_control_sequences() {
    let world = CommandFixture::new();
    for arguments in [&["-h"][..], &["env"], &["logn"], &["api", "/v1/customers"], &["doctor", "--offline"]] {
        let mut command = world.command(&["--default-signal"], arguments);
        let done = world.start(command.env("TERM", "xterm-256color")).end();
        assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'), "{done:?}");
    }
    let mut forced = world.command(&["--default-signal"], &["logn"]);
    assert!(world.start(forced.env("CLICOLOR_FORCE", "1")).end().stderr.contains('\u{1b}'));
    for arguments in [&["logn"][..], &["-h"]] {
        let mut demanded = world.command(&["--default-signal"], arguments);
        let done = world.start(demanded.env("CLICOLOR_FORCE", "0")).end();
        assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'), "{done:?}");
        let shown =
            terminal(&world, 80, true, &format!("CLICOLOR_FORCE=0 \"$ATMN\" {}; true", arguments.join(" "))).end();
        assert!(shown.stdout.contains('\u{1b}'), "{shown:?}");
        let dumb =
            terminal(&world, 80, true, &format!("CLICOLOR_FORCE=0 TERM=dumb \"$ATMN\" {}; true", arguments.join(" ")));
        assert!(!dumb.end().stdout.contains('\u{1b}'));
    }
    for (name, value) in [("TERM", "dumb"), ("ACCESSIBLE", "1")] {
        let run = format!("{name}={value} exec \"$ATMN\" login --ports {} --no-browser", world.port);
        let mut process = terminal(&world, 80, false, &run);
        let url = process.url();
        world.approve(&url);
        let done = process.end().ok();
        assert!(!done.stdout.contains('\u{1b}') && !done.stdout.contains('✓'), "{done:?}");
        assert!(done.stdout.contains("Logged in to `Copper Kettle`"), "{done:?}");
        std::fs::remove_file(world.project.path(".env")).unwrap();
    }
}

#[test]
fn pasted_keys_are_hidden_and_enter_ends_them() {
    let world = CommandFixture::new();
    let (first, second) = (atmn_tests::project::SANDBOX, atmn_tests::project::LIVE);
    let mut process = terminal(&world, 80, true, "exec \"$ATMN\" save");
    process.line_with("Paste one key, or both at once");
    process.type_line(&format!("{first}\n{second}"));
    let done = process.end_open().ok();
    assert!(!done.stdout.contains("planted") && done.stdout.contains("Saved the live key"), "{done:?}");
    assert!(world.project.read(".env").contains(second));
}

#[test]
fn ctrl_c_while_a_key_is_hidden_restores_the_terminal() {
    let world = CommandFixture::new();
    let mut process = terminal(&world, 80, false, "trap : INT; \"$ATMN\" key --check; echo code $?; stty -a");
    process.line_with("Paste the key");
    process.type_line("\u{3}");
    process.line_with("code 130");
    let done = process.end_open();
    assert!(done.stdout.contains(" echo ") && done.stdout.contains(" icanon "), "{done:?}");
}

#[test]
fn headless_never_prompts() {
    let world = CommandFixture::new();
    for arguments in ["save --headless", "key --check --headless"] {
        let done = terminal(&world, 80, false, &format!("exec \"$ATMN\" {arguments}")).end_open();
        assert!(done.code == 2 && done.stdout.contains("never prompts"), "{done:?}");
    }
    let mut login =
        terminal(&world, 200, false, &format!("exec \"$ATMN\" login --headless --ports {} --no-browser", world.port));
    let line = login.line_with("/oauth2/authorize?");
    let url = line.split("]8;;").nth(1).unwrap().split('\u{1b}').next().unwrap().to_owned();
    login.line_with("This terminal is not read (--headless).");
    world.approve(&url);
    let done = login.end_open().ok();
    assert!(!done.stdout.contains("paste"), "{done:?}");
    assert!(!done.stdout.contains("Enter: show URL"), "no key is read: {done:?}");
}

/// A callback can be a denial: only keys show that the login was approved.
#[test]
fn denial_shows_no_approval() {
    let world = CommandFixture::new();
    let mut process = terminal(&world, 200, true, &format!("exec \"$ATMN\" login --ports {}", world.port));
    let line = process.line_with("/oauth2/authorize?");
    let url = line.split("]8;;").nth(1).unwrap().split('\u{1b}').next().unwrap().to_owned();
    let approval = world.callback(&url);
    let code = approval.split(['?', '&']).find(|part| part.starts_with("code=")).unwrap();
    get(&approval.replace(code, "error=access_denied"));
    let done = process.end_open();
    assert!(done.code == 1 && done.stdout.contains("login_denied"), "{done:?}");
    assert!(!done.stdout.contains("Approved"), "{done:?}");
}

/// What a camera reads from a QR code in the output of a terminal; each character is two modules, one above the other.
fn scan(screen: &str, colored: bool) -> String {
    let plain = |line: &str| {
        let parts = line
            .split('\u{1b}')
            .map(|part| part.strip_prefix('[').map_or(part, |part| &part[part.find('m').map_or(0, |end| end + 1)..]));
        parts.collect::<String>()
    };
    let lines = screen.lines().map(plain).map(|line| line.trim_end_matches('\r').to_owned());
    let is_block = |c: char| matches!(c, '█' | '▀' | '▄' | ' ');
    let lines: Vec<Vec<char>> = lines
        .filter(|line| line.chars().count() > 40 && line.chars().all(is_block))
        .map(|line| line.chars().collect())
        .collect();
    let is_dark = |x: usize, y: usize| {
        let cell = lines[y / 2][x];
        (cell == '█' || cell == if y.is_multiple_of(2) { '▀' } else { '▄' }) == colored
    };
    const SCALE: usize = 4;
    let (width, height) = (lines[0].len() * SCALE, lines.len() * 2 * SCALE);
    let pixel = |x: usize, y: usize| if is_dark(x / SCALE, y / SCALE) { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
    image.detect_grids()[0].decode().unwrap().1
}

#[test]
fn login_prints_a_qr_code_of_the_url() {
    let world = CommandFixture::new();
    for colored in [true, false] {
        let run = format!("ACCESSIBLE=1 exec \"$ATMN\" login --qr --force --ports {} --no-browser", world.port);
        let run = format!("stty rows 80; {run}");
        let mut process = terminal(&world, 200, colored, &run);
        let line = process.line_with("/oauth2/authorize?");
        let url = line.trim().trim_start_matches("\u{1b}[1m").trim_end_matches("\u{1b}[0m").to_owned();
        world.approve(&url);
        let done = process.end().ok();
        assert_eq!(scan(&done.stdout, colored), url);
    }
    let begin = format!("exec \"$ATMN\" login --begin --qr --force --ports {}", world.port);
    for (width, rows, way) in [(80, 80, "Make it wider"), (200, 40, "Make it higher"), (80, 40, "Make it larger")] {
        let done = terminal(&world, width, false, &format!("stty rows {rows}; {begin}")).end().ok();
        let message = done.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let size = format!("this one has {width} columns and {rows} lines. {way}, or use a smaller font");
        assert!(message.contains("the QR code needs a terminal of") && message.contains(&size), "{done:?}");
        assert!(!done.stdout.contains('█'), "{done:?}");
    }
}

/// The lines of an explanation go on below the location, and no word is broken.
#[test]
fn explanation_is_wrapped_between_words() {
    let world = CommandFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", atmn_tests::project::SANDBOX));
    world.project.write(".env.local", format!("AUTUMN_SECRET_KEY={}\n", atmn_tests::project::SANDBOX));
    let explain = |width| terminal(&world, width, false, "exec \"$ATMN\" key --explain").end().ok().stdout;
    let (narrow, wide) = (explain(40), explain(200));
    assert!(narrow.lines().all(|line| line.trim_end().chars().count() <= 40), "{narrow}");
    assert!(narrow.contains("\n          /srv/shop/.env"), "{narrow}");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&narrow), words(&wide));
}

/// What bash shows after `line` and the tab key, in a terminal.
fn completed(world: &CommandFixture, line: &str) -> String {
    let bash =
        "{ \"$ATMN\" completions bash; echo \"PS1='ready\\\\n'\"; } >$HOME/bashrc; exec bash --rcfile $HOME/bashrc -i";
    let mut process = terminal(world, 200, false, bash);
    process.line_with("ready");
    process.type_line(&format!("atmn() {{ printf '<%s>' \"$@\"; echo ' arguments'; }}\n{line}\t"));
    let result = process.line_with("> arguments");
    process.type_line("exit");
    let _ = process.end_open();
    result
}

#[test]
fn bash_completes_values_files_and_programs() {
    let world = CommandFixture::new();
    world.project.write("customer.json", "{}");
    world.project.write("two words.json", "{}");
    for (line, arguments) in [
        ("atmn api -d @cu", "<api><-d><@customer.json>"),
        ("atmn api --data=@two", "<api><--data=@two words.json>"),
        ("atmn open k", "<open><keys>"),
        ("atmn api -X PU", "<api><-X><PUT>"),
        ("atmn completions po", "<completions><powershell>"),
        ("atmn login --file .env.l", "<login><--file><.env.local>"),
        ("atmn login --scopes customers:re", "<login><--scopes><customers:read>"),
        ("atmn login --scopes=plans:read,customers:re", "<login><--scopes=plans:read,customers:read>"),
        ("atmn run -- mkfif", "<run><--><mkfifo>"),
        ("atmn -p run --dir . mkfif", "<-p><run><--dir><.><mkfifo>"),
        ("atmn run -- cat cust", "<run><--><cat><customer.json>"),
        ("atmn doctor --off", "<doctor><--offline>"),
        ("atmn doctor --hea", "<doctor><--headless>"),
        ("atmn doctor --pro", "<doctor><--pro>"),
    ] {
        let shown = completed(&world, line);
        assert!(shown.contains(arguments), "{line}: {shown}");
    }
}
