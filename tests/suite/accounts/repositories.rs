//! Repositories of another account.

use std::path::Path;
use std::process::Command;

use atmn_tests::project::{Project, SANDBOX, has_accounts};

use super::{OTHER, TEAM, USER, atmn_as, own};

/// Such as a `.git` in `/tmp`. Git refuses it too, and its owner cannot read a private file below.
#[test]
fn planted_repository_does_not_answer_for_the_users_files() {
    if !has_accounts("accounts::planted_repository_does_not_answer_for_the_users_files") {
        return;
    }
    for (data, is_file) in [(".git", true), (".git", false), (".hg", false), (".jj", false)] {
        let project = Project::new();
        own(&project.path(""), 0, 0, 0o1777);
        let planted = project.path(data);
        if is_file {
            std::fs::write(&planted, "garbage").unwrap();
        } else {
            std::fs::create_dir(&planted).unwrap();
        }
        own(&planted, OTHER, OTHER, 0o755);
        let file = project.write("app/.env", "A=1\n");
        own(&file, USER, USER, 0o600);
        own(&project.path("app"), USER, USER, 0o755);
        let save =
            |directory: &str| atmn_as(USER, &project, &["save", "--json", "--dir", directory]).stdin(SANDBOX).run();
        let saved = save("app").ok().json();
        let note = saved["note"].as_str().unwrap_or_default();
        assert!(note.contains(&format!("{} was ignored", planted.display())), "{data}: {saved}");
        assert_eq!(saved["git"], "none");
        if data != ".git" {
            continue;
        }
        // In that directory itself, the repository may be that of a team.
        let own_file = project.write(".env", "A=1\n");
        own(&own_file, USER, USER, 0o600);
        atmn_as(USER, &project, &["save"]).stdin(SANDBOX).run().fails("env_file_unprotected");
        // The account that owns the project may also own the repository, no matter who owns the file.
        own(&project.path("app"), OTHER, OTHER, 0o755);
        for owner in [OTHER, 0] {
            own(&file, owner, owner, 0o600);
            project.atmn(["save", "--dir", "app"]).stdin(SANDBOX).run().fails("env_file_unprotected");
        }
    }
}

/// A silent repository in a directory of a group may be that of a team: the save is refused, and says where it is.
#[test]
fn silent_repository_of_a_team_blocks_and_is_named() {
    if !has_accounts("accounts::silent_repository_of_a_team_blocks_and_is_named") {
        return;
    }
    let project = Project::new();
    own(&project.path(""), OTHER, TEAM, 0o2775);
    own(&project.write(".git", "garbage"), OTHER, TEAM, 0o644);
    own(&project.write("app/.env", "A=1\n"), USER, USER, 0o600);
    own(&project.path("app"), USER, USER, 0o755);
    let done = atmn_as(USER, &project, &["save", "--dir", "app"]).stdin(SANDBOX).run();
    done.fails("env_file_unprotected");
    assert!(done.stderr.contains(&format!("Repair the repository in {}", project.path("").display())), "{done:?}");
}

/// A `.git` file of the user that names a repository of another account, such as one from an archive.
#[test]
fn repository_of_another_account_chooses_no_key_and_answers_nothing() {
    if !has_accounts("accounts::repository_of_another_account_chooses_no_key_and_answers_nothing") {
        return;
    }
    let project = Project::new();
    project.git_init();
    project.git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    project.git(&["worktree", "add", "--quiet", "../linked"]);
    let linked = project.path("").parent().unwrap().join("linked");
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let file = linked.join(".env");
    std::fs::write(&file, "A=1\n").unwrap();
    let give = |path: &Path, user: u32| {
        let owner = format!("{user}:{user}");
        assert!(Command::new("chown").args(["-R", &owner]).arg(path).status().unwrap().success());
    };
    give(&project.path(""), OTHER);
    own(&project.path(""), OTHER, OTHER, 0o755);
    own(&project.path(".env"), OTHER, OTHER, 0o644);
    give(&linked, USER);
    own(&linked, USER, USER, 0o755);
    let run = |user, arguments: &[&str]| atmn_as(user, &project, arguments).current_dir(&linked).stdin(SANDBOX).run();
    let reason = "names a repository of another user";
    run(USER, &["key"]).fails("key_not_found");
    assert!(run(USER, &["key", "--explain"]).stdout.contains(reason));
    let refused = run(USER, &["save"]);
    refused.fails("env_file_unprotected");
    assert!(refused.stderr.contains(reason), "{refused:?}");
    // Root, as in a container, for a worktree and a repository of one account.
    give(&linked, OTHER);
    own(&linked, OTHER, OTHER, 0o755);
    assert_eq!(run(0, &["key"]).code, 0);
}
