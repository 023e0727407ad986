//! Saving keys.

use std::ffi::{CStr, CString, c_char};

use libatmn::{ApiKey, Error, Git, Result, SaveResult, save_keys};

use crate::call::ffi_object;
use crate::canceller::{atmn_canceller, cancel_flag};
use crate::enumeration::{Enumeration, enumeration, name_of};
use crate::error::{atmn_code, atmn_error};
use crate::location::{atmn_location, list};
use crate::null::null_argument;
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Owned, slice};
use crate::read_options::read;
use crate::text::{path_to_c_string, required, to_c_string};

/// The state of a file in git.
pub type atmn_git = i32;
/// The file is not in a work tree.
pub const ATMN_GIT_NONE: atmn_git = 1;
/// The file is ignored.
pub const ATMN_GIT_IGNORED: atmn_git = 2;
/// The file is ignored, because the call added a line to `.gitignore`.
pub const ATMN_GIT_ADDED: atmn_git = 3;
/// The file is not ignored: the next `git add .` adds it.
pub const ATMN_GIT_NOT_IGNORED: atmn_git = 4;
/// The file is tracked: the next commit contains it.
pub const ATMN_GIT_TRACKED: atmn_git = 5;
/// There is a work tree, and git did not answer.
pub const ATMN_GIT_UNKNOWN: atmn_git = 6;

/// The result of saving keys.
pub struct atmn_save_result {
    path: CString,
    created: bool,
    git: atmn_git,
    replaced: Vec<atmn_location>,
    shadowed_by: Vec<atmn_location>,
    locked: bool,
    note: Option<CString>,
}

impl Handle for atmn_save_result {
    type Ownership = Owned;
}

enumeration!(Git {
    None = ATMN_GIT_NONE,
    Ignored = ATMN_GIT_IGNORED,
    Added = ATMN_GIT_ADDED,
    NotIgnored = ATMN_GIT_NOT_IGNORED,
    Tracked = ATMN_GIT_TRACKED,
    Unknown = ATMN_GIT_UNKNOWN,
});

impl From<&SaveResult> for atmn_save_result {
    fn from(save_result: &SaveResult) -> Self {
        let SaveResult { path, created, git, replaced, shadowed_by, locked, note } = save_result;
        Self {
            path: path_to_c_string(path),
            created: *created,
            git: git.number(),
            replaced: list(replaced),
            shadowed_by: list(shadowed_by),
            locked: *locked,
            note: note.as_deref().map(to_c_string),
        }
    }
}

/// Returns the name of a git state: "none", "ignored", "added", "not_ignored", "tracked" or "unknown". Static; also
/// "unknown" for a number without a name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_git_name(git: atmn_git) -> *const c_char {
    name_of::<Git>(git)
}

/// Saves one secret key, or a sandbox and a live key in one step, in the `.env` file of the directory: the sandbox key
/// as `AUTUMN_SECRET_KEY`, the live key as `AUTUMN_PROD_SECRET_KEY`. `keys` points to `count` texts. `canceller` may be
/// NULL; it ends the wait for a file that another process has locked.
///
/// The rest of the file stays the same, byte for byte; on failure, the whole file does. A new file is readable and
/// writable by its owner only (mode 0600).
///
/// ```c
/// const char *keys[] = {"am_sk_test_0123456789ab"};
/// atmn_save_result *saved = NULL;
/// atmn_error *error = NULL;
/// if (atmn_save_keys(NULL, keys, 1, NULL, &saved, &error) == ATMN_OK) {
///     printf("saved in %s\n", atmn_save_result_path(saved));
///     for (size_t index = 0; index < atmn_save_result_shadowed_by_count(saved); index++)
///         printf("warning: %s takes precedence\n",
///                atmn_location_text(atmn_save_result_shadowed_by_get(saved, index)));
/// } else {
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// }
/// atmn_save_result_free(saved);
/// atmn_error_free(error);
/// ```
///
/// Codes: `ATMN_MALFORMED_KEY`, `ATMN_WRONG_KEY_KIND`; `ATMN_ENV_FILE_TRACKED`, `ATMN_ENV_FILE_UNPROTECTED`;
/// `ATMN_FILE_UNTRUSTED`, `ATMN_NOT_A_FILE`, `ATMN_LINK_REFUSED`, `ATMN_FILE_UNREADABLE`: there is a file that cannot
/// be edited safely; `ATMN_FILE_UNWRITABLE`, `ATMN_DISK_FULL`, `ATMN_ENV_FILE_NOT_REPLACEABLE`; `ATMN_FILE_LOCKED`:
/// another process held the lock for ten seconds; `ATMN_INVALID_ARGUMENT`: no key, two keys of one environment, or an
/// option; `ATMN_CANCELLED`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_keys(
    options: *const atmn_options,
    keys: *const *const c_char,
    count: usize,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_save_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let keys = read_keys(keys, count)?;
        let options = read(options, |options| options.save(cancel_flag(canceller)))?;
        save_keys(&keys, &options).map(|saved| (&saved).into())
    })
}

fn read_keys(keys: *const *const c_char, count: usize) -> Result<Vec<ApiKey>> {
    if keys.is_null() && count > 0 {
        return Err(null_argument("keys"));
    }
    let most = isize::MAX as usize / size_of::<*const c_char>();
    let too_many = || Error::invalid("count", format!("`count` must be at most {most}."));
    let texts = slice(keys, count).ok_or_else(too_many)?;
    texts.iter().map(|text| ApiKey::parse(required(*text, "keys")?)).collect()
}

/// Returns the file that holds the keys. If `.env` is a symbolic link, this is its target.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_path(save_result: *const atmn_save_result) -> *const c_char {
    object::get(save_result, |save_result| save_result.path.as_ptr())
}

/// Returns 1 if the call created the file, otherwise 0.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_created(save_result: *const atmn_save_result) -> i32 {
    object::get(save_result, |save_result| save_result.created.into())
}

/// Returns the state of the file in git.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_git(save_result: *const atmn_save_result) -> atmn_git {
    object::get(save_result, |save_result| save_result.git)
}

/// Returns the number of keys that were replaced.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_replaced_count(save_result: *const atmn_save_result) -> usize {
    object::count(save_result, |save_result| &save_result.replaced)
}

/// Returns the location of a key that was replaced. The key stays valid until it is revoked in the dashboard.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_replaced_get(
    save_result: *const atmn_save_result,
    index: usize,
) -> *const atmn_location {
    object::item(save_result, index, |save_result| &save_result.replaced)
}

/// Returns the number of locations that take precedence over the saved keys and hold another key. If it is 0, the saved
/// keys are active.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_shadowed_by_count(save_result: *const atmn_save_result) -> usize {
    object::count(save_result, |save_result| &save_result.shadowed_by)
}

/// Returns a location that takes precedence over the saved keys.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_shadowed_by_get(
    save_result: *const atmn_save_result,
    index: usize,
) -> *const atmn_location {
    object::item(save_result, index, |save_result| &save_result.shadowed_by)
}

/// Returns 1 if the file was locked against other processes meanwhile; 0 if the file system has no locks.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_locked(save_result: *const atmn_save_result) -> i32 {
    object::get(save_result, |save_result| save_result.locked.into())
}

/// Returns what the user should know, or NULL: git does not ignore the file, tracks it, or gave no answer; the keys
/// are in `.env.local` since git tracks `.env`; other accounts can read the file, or the owner of its directory
/// cannot; a line was added to `.gitignore` although git did not answer; an earlier commit may still track the file; a
/// repository that another account planted was ignored; a nearer file has the variable without a value; or a byte
/// order mark hides the first variable of the file from some readers.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_note(save_result: *const atmn_save_result) -> *const c_char {
    object::get(save_result, |save_result| save_result.note.as_deref().map_or(std::ptr::null(), CStr::as_ptr))
}

/// Frees the result of `atmn_save_keys`. Do not free the one that a login result lends.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_save_result_free(save_result: *mut atmn_save_result) {
    object::free(save_result);
}
