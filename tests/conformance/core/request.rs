//! The members of a request. Each operation takes out those it knows; a member that is left is an error.

use std::path::PathBuf;
use std::time::Duration;

use libatmn::{Error, Event};
use serde_json::{Map, Value};

use super::{DriverResult, Failure};

/// One request, and the events of its call.
pub(crate) struct DriverRequest {
    members: Map<String, Value>,
    /// The events, if the request has a listener.
    pub(crate) events: Option<Vec<Event>>,
}

impl DriverRequest {
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let mut members: Map<String, Value> = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let listener = members.remove("listener") == Some(Value::Bool(true));
        Ok(Self { members, events: listener.then(Vec::new) })
    }

    pub(crate) fn text(&mut self, name: &str) -> DriverResult<Option<String>> {
        match self.members.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(name)),
        }
    }

    pub(crate) fn needed(&mut self, name: &str) -> DriverResult<String> {
        self.text(name)?.ok_or_else(|| Failure::Protocol(format!("`{name}` is missing")))
    }

    pub(crate) fn texts(&mut self, name: &str) -> DriverResult<Vec<String>> {
        match self.members.remove(name) {
            None => Ok(Vec::new()),
            Some(list) => serde_json::from_value(list).map_err(|_| wrong_type(name)),
        }
    }

    /// A list that may be absent.
    pub(crate) fn given_texts(&mut self, name: &str) -> DriverResult<Option<Vec<String>>> {
        if self.members.contains_key(name) { self.texts(name).map(Some) } else { Ok(None) }
    }

    /// Names and values in turn.
    pub(crate) fn pairs(&mut self, name: &str) -> DriverResult<Vec<(String, String)>> {
        let texts = self.texts(name)?;
        let pair = |pair: &[String]| Some((pair.first()?.clone(), pair.get(1)?.clone()));
        texts.chunks(2).map(pair).collect::<Option<_>>().ok_or_else(|| wrong_type(name))
    }

    pub(crate) fn flag(&mut self, name: &str) -> DriverResult<Option<bool>> {
        self.members.remove(name).map(|flag| flag.as_bool().ok_or_else(|| wrong_type(name))).transpose()
    }

    pub(crate) fn number(&mut self, name: &str) -> DriverResult<Option<u64>> {
        self.members.remove(name).map(|number| number.as_u64().ok_or_else(|| wrong_type(name))).transpose()
    }

    /// A small number; a negative one is the same error as in bindings whose types allow one.
    pub(crate) fn count(&mut self, name: &'static str) -> DriverResult<Option<u32>> {
        let Some(number) = self.members.remove(name) else { return Ok(None) };
        let small = number.as_i64().ok_or_else(|| wrong_type(name))?;
        let count = u32::try_from(small)
            .map_err(|_| Error::out_of_range(name.trim_start_matches("request_"), "0 or greater"))?;
        Ok(Some(count))
    }

    /// A time, by a name that ends in `_ms`. A negative time is the same error as in bindings whose types allow one.
    pub(crate) fn time(&mut self, name: &'static str) -> DriverResult<Option<Duration>> {
        let Some(number) = self.members.remove(name) else { return Ok(None) };
        match number.as_u64() {
            Some(milliseconds) => Ok(Some(Duration::from_millis(milliseconds))),
            None if number.is_i64() => {
                let option = name.trim_start_matches("request_").trim_end_matches("_ms");
                Err(Error::out_of_range(option, "greater than zero").into())
            }
            None => Err(wrong_type(name)),
        }
    }

    /// A path, which may hold bytes that are not UTF-8.
    pub(crate) fn directory(&mut self) -> DriverResult<Option<PathBuf>> {
        let bytes = self.bytes("directory")?;
        Ok(bytes.map(|bytes| {
            use std::os::unix::ffi::OsStringExt;
            PathBuf::from(std::ffi::OsString::from_vec(bytes))
        }))
    }

    /// A member that may come as text or as pairs of hexadecimal digits.
    pub(crate) fn bytes(&mut self, name: &str) -> DriverResult<Option<Vec<u8>>> {
        if let Some(text) = self.text(name)? {
            return Ok(Some(text.into_bytes()));
        }
        let Some(digits) = self.text(&format!("{name}_hex"))? else { return Ok(None) };
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        digits.as_bytes().chunks(2).map(pair).collect::<Option<_>>().map(Some).ok_or_else(|| wrong_type(name))
    }

    /// A value of an enumeration, as the core parses it.
    pub(crate) fn word<T>(&mut self, name: &str, parse: fn(&str) -> libatmn::Result<T>) -> DriverResult<Option<T>> {
        Ok(self.text(name)?.as_deref().map(parse).transpose()?)
    }

    /// Fails if a member is left.
    pub(crate) fn end(&self) -> DriverResult<()> {
        match self.members.keys().next() {
            None => Ok(()),
            Some(name) => Err(Failure::Protocol(format!("unknown member `{name}`"))),
        }
    }
}

fn wrong_type(name: &str) -> Failure {
    Failure::Protocol(format!("`{name}` has the wrong type"))
}
