//! The parameters of queries and forms. Each may occur once.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// The parameters of one request.
#[derive(Default)]
pub(crate) struct Parameters(BTreeMap<String, String>);

/// A parameter occurs twice, which is an error (RFC 6749, 3.1 and 3.2).
pub(crate) struct Repeated;

impl Parameters {
    /// Parses `application/x-www-form-urlencoded`.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Repeated> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Repeated);
            }
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter. An empty value counts as absent (RFC 6749, 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
