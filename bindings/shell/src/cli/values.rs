//! Values of options: those that completions can list, and their forms.

use std::ffi::OsStr;
use std::num::{IntErrorKind, ParseIntError};
use std::ops::RangeInclusive;
use std::time::Duration;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use libatmn::__internal::config::{METHODS, SCOPES};
use libatmn::{EnvFile, Reauth};

/// Completes these words, and accepts any text.
#[derive(Clone)]
pub(super) struct Suggested(&'static [&'static str]);

/// The first argument of `atmn api` can be the path, and the core checks methods.
pub(super) const METHOD: Suggested = Suggested(METHODS);
/// The core names the scope that is wrong.
pub(super) const SCOPE: Suggested = Suggested(SCOPES);

impl TypedValueParser for Suggested {
    type Value = String;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        value.to_str().map(str::to_owned).ok_or_else(|| Error::new(ErrorKind::InvalidUtf8).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(PossibleValue::new)))
    }
}

/// When to log in again.
#[derive(Clone)]
pub(super) struct ReauthMode;

impl TypedValueParser for ReauthMode {
    type Value = Reauth;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<Reauth, Error> {
        let parse = |text: &str| Reauth::parse(text).map_err(|_| "use `never`, `auto` or `always`".to_owned());
        parse.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Reauth::ALL.iter().map(|mode| PossibleValue::new(mode.name()))))
    }
}

/// A file that has keys.
#[derive(Clone)]
pub(super) struct EnvFileName;

impl TypedValueParser for EnvFileName {
    type Value = EnvFile;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<EnvFile, Error> {
        let parse = |text: &str| EnvFile::parse(text).map_err(|_| "use `.env` or `.env.local`".to_owned());
        parse.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new([".env", ".env.local"].iter().map(PossibleValue::new)))
    }
}

pub(super) fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write `NAME: VALUE`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write `NAME=VALUE`")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let (digits, unit) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.strip_suffix('s').unwrap_or(text), 1),
    };
    let too_long = || format!("the longest time is {} seconds", u64::MAX);
    let number: u64 = digits.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => too_long(),
        _ => "write seconds such as `90s`, or minutes such as `5m`".to_owned(),
    })?;
    number.checked_mul(unit).map(Duration::from_secs).ok_or_else(too_long)
}

pub(super) fn ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| text.parse().map_err(|_| "the port is not a number up to 65535".to_owned());
    Ok(port(first)?..=port(last)?)
}
