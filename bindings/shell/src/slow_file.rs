//! The file that a slow search for a key waits for: a FIFO, through which a secret manager delivers its content.

use std::path::{Path, PathBuf};

use libatmn::__internal::text::shown;
use libatmn::Host;

const FILE_VARIABLES: &[&str] = &["AUTUMN_SECRET_KEY_FILE", "AUTUMN_PROD_SECRET_KEY_FILE"];

/// What the search that starts in this directory waits for.
pub(crate) fn message(directory: Option<PathBuf>) -> String {
    let host = Host::current();
    let named = FILE_VARIABLES.iter().filter_map(|name| host.var(name)).map(PathBuf::from);
    let start = directory.or_else(|| host.working_directory().map(Path::to_path_buf)).unwrap_or_default();
    let start = start.canonicalize().unwrap_or(start);
    let files = start.ancestors().flat_map(|directory| [".env.local", ".env"].map(|name| directory.join(name)));
    match named.chain(files).find(|path| is_fifo(path)) {
        Some(path) => format!("Waiting for a program to deliver {} (a FIFO) …", shown(&path)),
        None => "Looking for the key …".to_owned(),
    }
}

#[cfg(unix)]
fn is_fifo(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    path.metadata().is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_fifo(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn message_names_the_fifo_of_a_parent() {
        let project = atmn_tests::project::Project::new();
        let inside = project.path("a/b");
        std::fs::create_dir_all(&inside).unwrap();
        let fifo = project.path(".env");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let expected = format!("Waiting for a program to deliver {} (a FIFO) …", fifo.display());
        assert_eq!(message(Some(inside)), expected);
    }
}
