//! What a user types or pastes while a command waits, whether the command reads it or not.

use crate::terminals::terminal;
use crate::world::{CommandFixture, Process};

/// The login URL that a terminal shows as a link.
fn linked_url(process: &mut Process) -> String {
    let line = process.line_with("/oauth2/authorize?");
    line.split("]8;;").nth(1).unwrap().split('\u{1b}').next().unwrap().to_owned()
}

fn code(callback: &str) -> &str {
    callback.split(['?', '&']).find_map(|part| part.strip_prefix("code=")).unwrap()
}

/// A user may paste the callback URL although nothing reads it.
#[test]
fn unread_input_is_not_shown() {
    for arguments in ["login --json", "login --headless", "login --quiet 2>messages"] {
        let world = CommandFixture::new();
        let run =
            format!("trap : INT; \"$ATMN\" {arguments} --no-browser --ports {}; echo code $?; stty -a", world.port);
        let mut process = terminal(&world, 200, false, &run);
        let callback = if arguments.contains("2>") {
            // The URL goes to the file; the port is bound before the input is hidden, and the file is written after it.
            let messages = world.project.path("messages");
            crate::world::until(|| std::fs::read_to_string(&messages).is_ok_and(|text| text.contains('\n')));
            world.callback(std::fs::read_to_string(messages).unwrap().trim())
        } else if arguments.contains("json") {
            let event: serde_json::Value = serde_json::from_str(process.line_with("login_url").trim()).unwrap();
            world.callback(event["context"]["url"].as_str().unwrap())
        } else {
            let url = linked_url(&mut process);
            world.callback(&url)
        };
        // Ctrl-C arrives after the pasted text.
        process.type_line(&callback);
        process.type_line("\u{3}");
        process.line_with("code 130");
        let done = process.end_open();
        assert!(!done.stdout.contains(code(&callback)), "{arguments}: {done:?}");
        assert!(done.stdout.contains(" echo ") && done.stdout.contains(" icanon "), "{arguments}: {done:?}");
    }
}

/// dash does not restore the terminal itself.
#[test]
fn stopping_or_quitting_restores_the_terminal() {
    let world = CommandFixture::new();
    let mut shell = terminal(&world, 200, false, "exec env PS1= dash -i");
    shell.type_line(&format!("\"$ATMN\" login --no-browser --ports {}", world.port));
    let callback = world.callback(&linked_url(&mut shell));
    shell.line_with("Press Ctrl-C to cancel");
    shell.type_line("\u{1a}");
    shell.line_with("Stopped");
    let assert_restored = |shell: &mut Process| {
        // The typed line, which the terminal shows, does not contain the word.
        shell.type_line("case $(stty -a) in *-icanon*|*'-echo '*) echo hidden;; *) printf 're%s\\n' stored;; esac");
        shell.line_with("restored");
    };
    assert_restored(&mut shell);
    shell.type_line("fg");
    // Enter shows the URL again, once the command reads.
    shell.type_line("");
    shell.line_with("/oauth2/authorize?");
    shell.type_line(&format!("{}\u{1c}", callback.replace("state=", "state=x")));
    shell.line_with("Quit");
    assert_restored(&mut shell);
    shell.type_line("\"$ATMN\" save");
    shell.line_with("Paste one key, or both at once");
    shell.type_line("am_sk_test_planted\u{1a}");
    shell.line_with("Stopped");
    assert_restored(&mut shell);
    shell.type_line("kill -KILL %1; exit");
    let done = shell.end();
    assert!(!done.stdout.contains(code(&callback)) && !done.stdout.contains("planted"), "{done:?}");
}
