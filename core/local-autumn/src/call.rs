//! One call of the API: who makes it, what it names, and the answers to calls that cannot be served.

use hyper::StatusCode;
use libatmn::Environment;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::customers::Customer;
use crate::form::Parameters;
use crate::keys::Principal;
use crate::plans::{Feature, Plan};
use crate::random;
use crate::response::{Request, Response, api_error};
use crate::store::Store;

/// The body of an answer, or the answer to a call that cannot be served.
pub(crate) type Answered<T = Value> = Result<T, Box<Response>>;

/// A call that passed authentication.
pub(crate) struct Call<'a> {
    pub(crate) store: &'a Store,
    pub(crate) principal: Principal,
    /// The query; empty if a parameter occurs twice.
    pub(crate) query: Parameters,
    body: Map<String, Value>,
    /// The variable part of the path: its name and value.
    variable: Option<(&'static str, String)>,
}

impl<'a> Call<'a> {
    /// Reads a request. An absent body is an empty object.
    pub(crate) fn read(
        store: &'a Store,
        principal: Principal,
        request: &Request,
        variable: Option<(&'static str, &str)>,
    ) -> Answered<Self> {
        let body = match request.body().as_ref() {
            [] => Map::new(),
            text => serde_json::from_slice(text)
                .map_err(|_| invalid_inputs("The body is not a JSON object", principal.environment))?,
        };
        let decoded = |value: &str| percent_decode_str(value).decode_utf8_lossy().into_owned();
        let variable = variable.map(|(name, value)| (name, decoded(value)));
        let query = Parameters::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
        Ok(Self { store, principal, query, body, variable })
    }

    pub(crate) fn environment(&self) -> Environment {
        self.principal.environment
    }

    /// A field of the body.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    /// Whether the body has a field, and its value is null.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.body.get(name).is_some_and(Value::is_null)
    }

    /// Refuses options of Autumn that change what a call does, and that the local Autumn does not know. `false` and empty
    /// lists and objects ask for nothing.
    pub(crate) fn refuse(&self, names: &[&str]) -> Answered<()> {
        let asks = |value: &Value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::Array(list) => !list.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            Value::Bool(true) | Value::Number(_) | Value::String(_) => true,
        };
        let asked = names.iter().find(|name| self.field(name).is_some_and(asks));
        asked.map_or(Ok(()), |name| Err(self.not_supported(&format!("`{name}`"))))
    }

    /// A text that must be one of these.
    pub(crate) fn one_of(&self, name: &str, known: &[&str]) -> Answered<Option<&str>> {
        let Some(value) = self.field(name) else { return Ok(None) };
        value
            .as_str()
            .filter(|text| known.contains(text))
            .map(Some)
            .ok_or_else(|| invalid_inputs(&format!("`{name}` must be one of {}", known.join(", ")), self.environment()))
    }

    /// A 400 for what Autumn can do and the local Autumn cannot.
    pub(crate) fn not_supported(&self, what: &str) -> Box<Response> {
        let message = format!("The local Autumn does not support {what}");
        api_error(StatusCode::BAD_REQUEST, &message, "not_supported", self.environment()).into()
    }

    /// A text of the body that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.field(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// An id, from the path or the body. Older versions of the API have another name for it.
    fn id(&self, name: &'static str, older: &str) -> Answered<&str> {
        let in_path = self.variable.as_ref().filter(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        in_path
            .or_else(|| self.text(name))
            .or_else(|| self.text(older))
            .ok_or_else(|| invalid_inputs(&format!("{name} is required"), self.environment()))
    }

    pub(crate) fn customer_id(&self) -> Answered<&str> {
        self.id("customer_id", "id")
    }

    /// `start` and random characters that cannot be guessed.
    pub(crate) fn unguessable(&self, start: &str) -> Answered<String> {
        let random = random::text(20).map_err(|error| {
            let message = format!("The operating system provides no randomness: {error}");
            api_error(StatusCode::INTERNAL_SERVER_ERROR, &message, "internal_error", self.environment())
        })?;
        Ok(format!("{start}{random}"))
    }

    pub(crate) fn feature(&self) -> Answered<Feature> {
        let id = self.id("feature_id", "event_name")?;
        Feature::find(id).ok_or_else(|| self.missing("Feature", "feature_not_found"))
    }

    pub(crate) fn plan(&self) -> Answered<&'static Plan> {
        let id = self.id("plan_id", "product_id")?;
        Plan::find(id).ok_or_else(|| self.missing("Plan", "plan_not_found"))
    }

    /// A whole number that may be negative, or the default. Autumn also takes fractions.
    pub(crate) fn whole(&self, name: &str, default: i64) -> Answered<i64> {
        let Some(value) = self.field(name) else { return Ok(default) };
        // JavaScript and Python may write 2 as 2.0.
        let whole = value.as_i64().or_else(|| value.to_string().strip_suffix(".0")?.parse().ok());
        whole.filter(|whole| whole.unsigned_abs() <= u64::from(u32::MAX)).ok_or_else(|| {
            let largest = u32::MAX;
            let message = format!("The local Autumn takes whole numbers from -{largest} to {largest} as `{name}`");
            invalid_inputs(&message, self.environment())
        })
    }

    /// A whole number that is not negative, or the default.
    pub(crate) fn amount(&self, name: &str, default: u64) -> Answered<u64> {
        let number = self.whole(name, i64::try_from(default).unwrap_or(i64::MAX))?;
        u64::try_from(number).map_err(|_| invalid_inputs(&format!("`{name}` must not be negative"), self.environment()))
    }

    /// Answers about the customer that the call names.
    pub(crate) fn with_customer<T>(&self, answer: impl FnOnce(&mut Customer) -> Answered<T>) -> Answered<T> {
        let id = self.customer_id()?;
        let mut state = self.store.lock();
        let customer = state.customers.get_mut(self.principal, id);
        customer.map_or_else(|| Err(self.missing("Customer", "customer_not_found")), answer)
    }

    /// A 404 for something that the call names.
    pub(crate) fn missing(&self, what: &str, code: &str) -> Box<Response> {
        api_error(StatusCode::NOT_FOUND, &format!("{what} not found"), code, self.environment()).into()
    }
}

/// A 400 for a call with wrong arguments.
pub(crate) fn invalid_inputs(message: &str, environment: Environment) -> Box<Response> {
    api_error(StatusCode::BAD_REQUEST, message, "invalid_inputs", environment).into()
}
