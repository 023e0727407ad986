//! Enumerations of the core as numbers and static names for C.

use std::ffi::{CString, c_char};
use std::sync::OnceLock;

use libatmn::{Error, Result};

use crate::text::to_c_string;

/// An enumeration of the core that is a number in C.
pub(crate) trait Enumeration: Copy + Sized + 'static {
    /// All values.
    const ALL: &'static [Self];

    /// The number, which is never 0.
    fn number(self) -> i32;

    /// The name in all languages.
    fn name(self) -> &'static str;

    /// The names as C text, in the order of `ALL`; made on first use.
    fn names() -> &'static OnceLock<Vec<CString>>;
}

/// States the number of each value once.
macro_rules! enumeration {
    ($type:ident { $($value:ident = $number:ident),* $(,)? }) => {
        impl $crate::enumeration::Enumeration for $type {
            const ALL: &'static [Self] = &[$(Self::$value),*];

            fn number(self) -> i32 {
                match self { $(Self::$value => $number),* }
            }

            $crate::enumeration::enumeration!(@names);
        }
    };
    // The core has the numbers.
    ($type:ident) => {
        impl $crate::enumeration::Enumeration for $type {
            const ALL: &'static [Self] = $type::ALL;

            fn number(self) -> i32 {
                $type::number(self)
            }

            $crate::enumeration::enumeration!(@names);
        }
    };
    (@names) => {
        fn name(self) -> &'static str {
            Self::name(self)
        }

        fn names() -> &'static std::sync::OnceLock<Vec<std::ffi::CString>> {
            static NAMES: std::sync::OnceLock<Vec<std::ffi::CString>> = std::sync::OnceLock::new();
            &NAMES
        }
    };
}
pub(crate) use enumeration;

/// The value with this number.
fn find<E: Enumeration>(number: i32) -> Option<E> {
    E::ALL.iter().copied().find(|value| value.number() == number)
}

/// The name of a number as a static text; "unknown" for a number without a name.
pub(crate) fn name_of<E: Enumeration>(number: i32) -> *const c_char {
    let names = E::names().get_or_init(|| E::ALL.iter().map(|value| to_c_string(value.name())).collect());
    let index = E::ALL.iter().position(|value| value.number() == number);
    index.and_then(|index| names.get(index)).map_or(c"unknown".as_ptr(), |name| name.as_ptr())
}

/// The value of an option; `None` for 0. For a number without a name, `parse` of the core makes the error, which lists
/// the names: in C they are macros.
pub(crate) fn option<E: Enumeration>(option: &str, number: i32, parse: fn(&str) -> Result<E>) -> Result<Option<E>> {
    if number == 0 {
        return Ok(None);
    }
    find(number)
        .map_or_else(|| parse(&number.to_string()).map_err(|error| with_macros::<E>(option, error)), Ok)
        .map(Some)
}

/// An error whose message has the macros of C in place of the names.
fn with_macros<E: Enumeration>(option: &str, mut error: Error) -> Error {
    for value in E::ALL {
        let macro_name = format!("ATMN_{option}_{}", value.name()).to_uppercase();
        for quote in ['"', '`'] {
            let name = format!("{quote}{}{quote}", value.name());
            error.message = error.message.replace(&name, &format!("{quote}{macro_name}{quote}"));
        }
    }
    error
}
