//! The members of a request, each taken out once; what is left over is not understood.

use std::path::PathBuf;
use std::time::Duration;

use libatmn::{Error, Event};
use serde_json::{Map, Value};

use super::{Outcome, Trouble};

/// One request, and what is heard while it is answered.
pub(crate) struct Request {
    members: Map<String, Value>,
    /// The events, if a listener was asked for.
    pub(crate) events: Option<Vec<Event>>,
}

impl Request {
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let mut members: Map<String, Value> = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let attended = members.remove("attended") == Some(Value::Bool(true));
        Ok(Self { members, events: attended.then(Vec::new) })
    }

    pub(crate) fn text(&mut self, name: &str) -> Outcome<Option<String>> {
        match self.members.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(misfit(name)),
        }
    }

    pub(crate) fn needed(&mut self, name: &str) -> Outcome<String> {
        self.text(name)?.ok_or_else(|| Trouble::Failure(format!("`{name}` is missing")))
    }

    pub(crate) fn texts(&mut self, name: &str) -> Outcome<Vec<String>> {
        match self.members.remove(name) {
            None => Ok(Vec::new()),
            Some(list) => serde_json::from_value(list).map_err(|_| misfit(name)),
        }
    }

    /// Names and values, one behind the other.
    pub(crate) fn pairs(&mut self, name: &str) -> Outcome<Vec<(String, String)>> {
        let texts = self.texts(name)?;
        let pair = |pair: &[String]| Some((pair.first()?.clone(), pair.get(1)?.clone()));
        texts.chunks(2).map(pair).collect::<Option<_>>().ok_or_else(|| misfit(name))
    }

    pub(crate) fn flag(&mut self, name: &str) -> Outcome<Option<bool>> {
        self.members.remove(name).map(|flag| flag.as_bool().ok_or_else(|| misfit(name))).transpose()
    }

    pub(crate) fn number(&mut self, name: &str) -> Outcome<Option<u64>> {
        self.members.remove(name).map(|number| number.as_u64().ok_or_else(|| misfit(name))).transpose()
    }

    /// A time, by a name that ends in `_ms`. What is none is said as in faces that can have one.
    pub(crate) fn time(&mut self, name: &'static str) -> Outcome<Option<Duration>> {
        let Some(number) = self.members.remove(name) else { return Ok(None) };
        match number.as_u64() {
            Some(milliseconds) => Ok(Some(Duration::from_millis(milliseconds))),
            None if number.is_i64() => Err(Error::no_time(name.trim_end_matches("_ms")).into()),
            None => Err(misfit(name)),
        }
    }

    /// A path, which need not be text.
    pub(crate) fn directory(&mut self) -> Outcome<Option<PathBuf>> {
        let bytes = self.bytes("directory")?;
        Ok(bytes.map(|bytes| {
            use std::os::unix::ffi::OsStringExt;
            PathBuf::from(std::ffi::OsString::from_vec(bytes))
        }))
    }

    /// A member that may come as text or as pairs of hexadecimal digits.
    pub(crate) fn bytes(&mut self, name: &str) -> Outcome<Option<Vec<u8>>> {
        if let Some(text) = self.text(name)? {
            return Ok(Some(text.into_bytes()));
        }
        let Some(digits) = self.text(&format!("{name}_hex"))? else { return Ok(None) };
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        digits.as_bytes().chunks(2).map(pair).collect::<Option<_>>().map(Some).ok_or_else(|| misfit(name))
    }

    /// A word of an enumeration, as the core reads it.
    pub(crate) fn word<T>(&mut self, name: &str, parse: fn(&str) -> libatmn::Result<T>) -> Outcome<Option<T>> {
        Ok(self.text(name)?.as_deref().map(parse).transpose()?)
    }

    /// Fails if there is anything that nobody asked for.
    pub(crate) fn end(&self) -> Outcome<()> {
        match self.members.keys().next() {
            None => Ok(()),
            Some(name) => Err(Trouble::Failure(format!("`{name}` is not known here"))),
        }
    }
}

fn misfit(name: &str) -> Trouble {
    Trouble::Failure(format!("`{name}` has the wrong type"))
}
