//! Enumerations whose values have names: each value and its name are written once.

/// Defines an enumeration from its documented values and their stable names.
///
/// - `pub enum Name { … }` has `ALL`, `name()` and `meaning()`, the documentation of a value.
/// - `pub enum Name("option", default Value) { … }` also has `parse()`, for the option of that name, and a default. The
///   caller imports `Result` and `parse_enum`.
/// - Values with a number, as in `Value = 1 => "value"`, also have `number()`.
macro_rules! enumeration {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident $(($option:literal $(, default $default:ident)?))? {
            $($(#[doc = $doc:literal])+ $value:ident => $text:literal,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $doc])+ $value,)+
        }

        enumeration!(@methods $name { $($(#[doc = $doc])+ $value => $text,)+ });

        $(
            impl $name {
                /// Reads a name.
                ///
                /// # Errors
                /// `invalid_argument`, with the context `option`.
                pub fn parse(text: &str) -> Result<Self> {
                    parse_enum($option, text, Self::ALL, Self::name)
                }
            }

            $(
                impl Default for $name {
                    fn default() -> Self {
                        Self::$default
                    }
                }
            )?
        )?
    };
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $($(#[doc = $doc:literal])+ $value:ident = $number:literal => $text:literal,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i32)]
        pub enum $name {
            $($(#[doc = $doc])+ $value = $number,)+
        }

        enumeration!(@methods $name { $($(#[doc = $doc])+ $value => $text,)+ });

        impl $name {
            /// The number in C.
            #[must_use]
            pub const fn number(self) -> i32 {
                self as i32
            }
        }
    };
    (@methods $name:ident { $($(#[doc = $doc:literal])+ $value:ident => $text:literal,)+ }) => {
        impl $name {
            /// All values, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The name in Node, Python and JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)+
                }
            }

            /// The meaning of the value, from its documentation.
            #[doc(hidden)]
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$value => concat!($($doc),+).trim_ascii_start(),)+
                }
            }
        }
    };
}

/// Defines an enumeration whose values hold data and have stable names, all of which are in `NAMES`.
macro_rules! named_variants {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $variant:ident $(($($tuple:tt)+))? $({ $($fields:tt)+ })? => $text:literal,
            )+
        }
    ) => {
        $(#[$attribute])*
        pub enum $name {
            $($(#[doc = $doc])+ $variant $(($($tuple)+))? $({ $($fields)+ })?,)+
        }

        impl $name {
            #[cfg(test)]
            const NAMES: &'static [&'static str] = &[$($text),+];

            /// The stable name of this kind of hint, such as `log_in`.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $text,)+
                }
            }
        }
    };
}
