//! The shapes of `--json`; `tests/vectors/shapes.json` holds them too.

use libatmn::{Error, KeyClass, LoggedOut, Place, ResolvedKey, Saved};
use serde_json::{Map, Value, json};

pub(crate) fn place(place: &Place) -> Value {
    let Place { origin, variable, path, line, outcome, masked, reason } = place;
    json!({
        "origin": origin.name(),
        "variable": variable,
        "path": path.as_ref().map(|path| path.to_string_lossy()),
        "line": line,
        "outcome": outcome.name(),
        "masked": masked,
        "reason": reason,
        "text": place.to_string(),
    })
}

pub(crate) fn places(places: &[Place]) -> Value {
    places.iter().map(place).collect()
}

pub(crate) fn resolved(found: &ResolvedKey, reveal: bool) -> Value {
    let ResolvedKey { key, source, skipped } = found;
    json!({
        "key": if reveal { key.reveal().to_owned() } else { key.to_string() },
        "kind": key.kind().name(),
        "environment": key.environment().name(),
        "source": place(source),
        "skipped": places(skipped),
    })
}

pub(crate) fn class(class: Option<KeyClass>) -> Value {
    match class {
        None => Value::Null,
        Some(KeyClass { kind, environment }) => json!({ "kind": kind.name(), "environment": environment.name() }),
    }
}

pub(crate) fn saved(saved: &Saved) -> Value {
    let Saved { path, created, git, replaced, shadowed_by, locked } = saved;
    json!({
        "path": path.to_string_lossy(),
        "created": created,
        "git": git.name(),
        "replaced": places(replaced),
        "shadowed_by": places(shadowed_by),
        "locked": locked,
    })
}

pub(crate) fn logged_out(logged_out: &LoggedOut) -> Value {
    let LoggedOut { path, removed, remaining, note, locked } = logged_out;
    json!({
        "path": path.to_string_lossy(),
        "removed": places(removed),
        "remaining": places(remaining),
        "note": note,
        "locked": locked,
    })
}

pub(crate) fn failure(error: &Error) -> Value {
    let Error { code, message, hint, context, cause } = error;
    let context: Map<String, Value> =
        context.iter().map(|(name, text)| ((*name).into(), text.clone().into())).collect();
    json!({
        "error": {
            "code": code.name(),
            "message": message,
            "hint": hint,
            "context": context,
            "cause": cause.as_ref().map(ToString::to_string),
        }
    })
}
