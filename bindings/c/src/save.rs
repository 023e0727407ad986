//! Saving keys.

use std::ffi::{CString, c_char};

use libatmn::{ApiKey, Error, Git, Result, SaveResult, save_keys};

use crate::error::{atmn_code, atmn_error};
use crate::guard::{self, null};
use crate::location::atmn_locations;
use crate::options::{self, atmn_options};
use crate::pointer::list;
use crate::text::{Name, name_of, owned_path, required};

/// What git thinks of a file.
pub type atmn_git = i32;
/// The file lies in no work tree.
pub const ATMN_GIT_NONE: atmn_git = 1;
/// It is ignored.
pub const ATMN_GIT_IGNORED: atmn_git = 2;
/// It is ignored now: a line was added to `.gitignore`.
pub const ATMN_GIT_ADDED: atmn_git = 3;
/// It is not ignored: the next `git add .` takes it along.
pub const ATMN_GIT_NOT_IGNORED: atmn_git = 4;
/// It is tracked: the next commit takes it along.
pub const ATMN_GIT_TRACKED: atmn_git = 5;
/// There is a work tree, and git could not be asked.
pub const ATMN_GIT_UNKNOWN: atmn_git = 6;

/// What was saved.
pub struct atmn_save_result {
    path: CString,
    created: bool,
    git: atmn_git,
    replaced: atmn_locations,
    shadowed_by: atmn_locations,
    locked: bool,
}

impl From<&SaveResult> for atmn_save_result {
    fn from(saved: &SaveResult) -> Self {
        let SaveResult { path, created, git, replaced, shadowed_by, locked } = saved;
        Self {
            path: owned_path(path),
            created: *created,
            git: git_number(*git),
            replaced: replaced.as_slice().into(),
            shadowed_by: shadowed_by.as_slice().into(),
            locked: *locked,
        }
    }
}

fn git_number(git: Git) -> atmn_git {
    match git {
        Git::None => ATMN_GIT_NONE,
        Git::Ignored => ATMN_GIT_IGNORED,
        Git::Added => ATMN_GIT_ADDED,
        Git::NotIgnored => ATMN_GIT_NOT_IGNORED,
        Git::Tracked => ATMN_GIT_TRACKED,
        Git::Unknown => ATMN_GIT_UNKNOWN,
    }
}

static GITS: [Name; 6] = [
    Name::new(Git::None.name()),
    Name::new(Git::Ignored.name()),
    Name::new(Git::Added.name()),
    Name::new(Git::NotIgnored.name()),
    Name::new(Git::Tracked.name()),
    Name::new(Git::Unknown.name()),
];

/// The name of what git thinks: "none", "ignored" and so on. Static; "unknown" for `ATMN_GIT_UNKNOWN` and for a number
/// that is none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_git_name(git: atmn_git) -> *const c_char {
    name_of(&GITS, git)
}

/// Saves one secret key, or a sandbox and a live key in one step, in the `.env` of the directory: the sandbox key as
/// `AUTUMN_SECRET_KEY`, the live key as `AUTUMN_PROD_SECRET_KEY`. `keys` points to `count` texts.
///
/// All else in the file stays byte for byte, and on any failure all of it. A file that is created belongs to its owner
/// only (0600).
///
/// ```c
/// const char *keys[] = {"am_sk_test_0123456789ab"};
/// atmn_save_result *saved = NULL;
/// if (atmn_save_keys(NULL, keys, 1, &saved, NULL) == ATMN_OK) {
///     const atmn_locations *nearer = atmn_save_result_shadowed_by(saved);
///     printf("saved in %s\n", atmn_save_result_path(saved));
///     if (atmn_locations_count(nearer) > 0)
///         printf("not in force: first comes %s\n", atmn_location_text(atmn_locations_get(nearer, 0)));
/// }
/// atmn_save_result_free(saved);
/// ```
///
/// Codes: `ATMN_MALFORMED_KEY`, `ATMN_WRONG_KEY_KIND`; `ATMN_ENV_FILE_TRACKED`; `ATMN_FILE_UNTRUSTED`,
/// `ATMN_NOT_A_FILE`, `ATMN_LINK_REFUSED`, `ATMN_FILE_UNREADABLE`: what stands there is not ours to edit;
/// `ATMN_FILE_UNWRITABLE`, `ATMN_DISK_FULL`, `ATMN_ENV_FILE_NOT_REPLACEABLE`, `ATMN_FILE_LOCKED`;
/// `ATMN_INVALID_ARGUMENT`: no key, two of one environment, or an option.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_keys(
    options: *const atmn_options,
    keys: *const *const c_char,
    count: usize,
    out: *mut *mut atmn_save_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let keys = read_keys(keys, count)?;
        let options = options::read(options, atmn_options::save)?;
        save_keys(&keys, &options).map(|saved| (&saved).into())
    })
}

fn read_keys(keys: *const *const c_char, count: usize) -> Result<Vec<ApiKey>> {
    if keys.is_null() && count > 0 {
        return Err(null("keys"));
    }
    let texts = list(keys, count).ok_or_else(|| Error::invalid("count", "There cannot be so many keys."))?;
    texts.iter().map(|text| ApiKey::parse(required(*text, "keys")?)).collect()
}

/// The file that holds the keys now; where `.env` is a link, the file behind it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_path(saved: *const atmn_save_result) -> *const c_char {
    guard::get(saved, |saved| saved.path.as_ptr())
}

/// 1 if it did not exist before.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_created(saved: *const atmn_save_result) -> i32 {
    guard::get(saved, |saved| saved.created.into())
}

/// What git thinks of it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_git(saved: *const atmn_save_result) -> atmn_git {
    guard::get(saved, |saved| saved.git)
}

/// The keys that were replaced, masked.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_replaced(saved: *const atmn_save_result) -> *const atmn_locations {
    guard::get(saved, |saved| &raw const saved.replaced)
}

/// Nearer places that hold another key. Empty: the saved keys are in force.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_shadowed_by(saved: *const atmn_save_result) -> *const atmn_locations {
    guard::get(saved, |saved| &raw const saved.shadowed_by)
}

/// 1 if no other process could interfere; 0 where the system offers no locks.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_locked(saved: *const atmn_save_result) -> i32 {
    guard::get(saved, |saved| saved.locked.into())
}

/// Frees what `atmn_save_keys` gave; not what a login lends.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_free(saved: *mut atmn_save_result) {
    guard::end(saved);
}
