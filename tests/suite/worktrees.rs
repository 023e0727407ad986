//! Keys in the main worktree, for linked ones.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use atmn_tests::project::{Project, Run, SANDBOX, UNPRIVILEGED, is_root};
use libatmn::{Boundary, Host, ResolveOptions, explain_key, resolve_key};

/// A repository in the project with a linked worktree beside it.
struct Worktrees {
    project: Project,
    linked: PathBuf,
}

impl Worktrees {
    fn new() -> Self {
        let project = Project::new();
        project.git_init();
        project.git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
        project.git(&["worktree", "add", "--quiet", "../linked"]);
        let linked = project.path("").parent().unwrap().join("linked");
        std::fs::create_dir_all(linked.join("app/src")).unwrap();
        Self { project, linked }
    }

    fn atmn(&self, arguments: &[&str]) -> Run {
        self.project.atmn(arguments).current_dir(self.linked.join("app/src"))
    }

    /// The path of the active key, from a subdirectory of the linked worktree.
    fn source(&self) -> Option<PathBuf> {
        let done = self.atmn(&["key", "--json"]).run();
        (done.code == 0).then(|| PathBuf::from(done.json()["source"]["path"].as_str().unwrap()))
    }
}

#[test]
fn main_worktree_comes_last_in_a_linked_one() {
    let trees = Worktrees::new();
    let key = format!("AUTUMN_SECRET_KEY={SANDBOX}\n");
    let done = trees.atmn(&["key"]).run();
    done.fails("key_not_found");
    let main = trees.project.path("");
    assert!(done.stderr.contains(&format!("then in the main worktree {}", main.display())), "{done:?}");
    // From the farthest to the nearest location; each takes precedence over those before.
    let top = main.parent().unwrap();
    let files = [
        main.join(".env"),
        main.join("app/.env"),
        main.join("app/.env.local"),
        top.join(".env"),
        trees.linked.join(".env"),
        trees.linked.join("app/src/.env"),
    ];
    for file in &files {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, &key).unwrap();
        assert_eq!(trees.source().as_ref(), Some(file));
    }
    let options = |boundary| ResolveOptions {
        directory: Some(trees.linked.join("app/src")),
        boundary,
        host: Some(Host::new([("", "")], None)),
        ..ResolveOptions::default()
    };
    let listed = |boundary| -> Vec<PathBuf> {
        explain_key(&options(boundary)).unwrap().into_iter().filter_map(|location| location.path).collect()
    };
    let all = listed(Boundary::Filesystem);
    let last = ["app/src/.env.local", "app/src/.env", "app/.env.local", "app/.env", ".env.local", ".env"];
    assert!(all.ends_with(&last.map(|name| main.join(name))), "{all:?}");
    assert!(listed(Boundary::Repository).ends_with(&last.map(|name| main.join(name))));
    assert!(!listed(Boundary::Directory(trees.linked.clone())).iter().any(|path| path.starts_with(&main)));
    assert!(listed(Boundary::Directory(top.to_path_buf())).iter().any(|path| path.starts_with(&main)));
    for file in &files[4..] {
        std::fs::remove_file(file).unwrap();
    }
    assert!(resolve_key(&options(Boundary::Directory(trees.linked.clone()))).is_err());
}

#[test]
fn main_worktree_around_a_linked_one_is_listed_once() {
    let project = Project::new();
    project.git_init();
    project.git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    project.git(&["worktree", "add", "--quiet", ".trees/one"]);
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let done = project.atmn(["key", "--explain", "--verbose"]).current_dir(project.path(".trees/one")).run().ok();
    let main = format!("{}, line 1", project.path(".env").display());
    assert_eq!(done.stdout.matches(&main).count(), 1, "{done:?}");
}

/// Git registers a worktree on both sides, so a `.git` file alone leads nowhere.
#[test]
fn only_a_registered_worktree_leads_to_the_main_one() {
    let trees = Worktrees::new();
    let (project, linked) = (&trees.project, &trees.linked);
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let main = project.path(".env");
    assert_eq!(trees.source().as_ref(), Some(&main));
    let pointer = linked.join(".git");
    let data = project.path(".git/worktrees/linked");
    // Relative paths, as `worktree.useRelativePaths` writes them.
    std::fs::write(&pointer, "gitdir: ../project/.git/worktrees/linked\r\n").unwrap();
    std::fs::write(data.join("gitdir"), "../../../../linked/.git\n").unwrap();
    assert_eq!(trees.source().as_ref(), Some(&main));

    let forged = linked.parent().unwrap().join("forged");
    std::fs::create_dir_all(&forged).unwrap();
    let from_forged = || project.atmn(["key"]).current_dir(&forged).run();
    for content in [
        format!("gitdir: {}\n", data.display()),
        format!("gitdir: {}\n", project.path(".git").display()),
        "gitdir: /nonexistent\n".to_owned(),
        "gitdir: \0\n".to_owned(),
        String::new(),
        "x".repeat(100_000),
    ] {
        std::fs::write(forged.join(".git"), content).unwrap();
        from_forged().fails("key_not_found");
    }
    // A submodule has a `.git` file, too.
    std::fs::create_dir_all(project.path(".git/modules/forged")).unwrap();
    std::fs::write(forged.join(".git"), format!("gitdir: {}\n", project.path(".git/modules/forged").display()))
        .unwrap();
    from_forged().fails("key_not_found");

    std::fs::set_permissions(&pointer, PermissionsExt::from_mode(0o666)).unwrap();
    let done = trees.atmn(&["key", "--explain"]).run().ok();
    let skipped = format!("skipped   {} (skipped: it can be changed by other accounts)", pointer.display());
    assert!(done.stdout.contains(&skipped) && !done.stdout.contains("used"), "{done:?}");
    if is_root() {
        std::fs::set_permissions(&pointer, PermissionsExt::from_mode(0o644)).unwrap();
        assert_eq!(trees.source().as_ref(), Some(&main));
        std::os::unix::fs::chown(&pointer, Some(UNPRIVILEGED), None).unwrap();
        assert_eq!(trees.source(), None);
    }
}
