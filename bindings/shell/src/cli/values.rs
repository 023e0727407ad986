//! Values of options that completions can list.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use libatmn::__internal::config::METHODS;
use libatmn::{EnvFile, Reauth};

/// Completes methods, and accepts any text: the first argument of `atmn api` can be the path, and the core checks methods.
#[derive(Clone)]
pub(super) struct Method;

impl TypedValueParser for Method {
    type Value = String;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        value.to_str().map(str::to_owned).ok_or_else(|| Error::new(ErrorKind::InvalidUtf8).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(METHODS.iter().map(PossibleValue::new)))
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
