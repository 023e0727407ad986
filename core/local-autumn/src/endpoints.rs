//! The endpoints of the API, as data: the names that `autumn-js` 1.3 and `autumn-sdk` 1.2 call, and the older REST names.
//! Names for the same thing have the same handler.

use hyper::Method;
use serde_json::Value;

use crate::billing::{attach, cancel, check, open_portal, set_balance, track, update_plan};
use crate::call::{Answered, Call};
use crate::catalog::{feature, features, organization, plan, plans, product, products};
use crate::people::{create, delete, get, list, page, update};

type EndpointHandler = fn(&Call<'_>) -> Answered<Value>;

/// An endpoint of the API.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// The HTTP method.
    pub method: &'static str,
    /// The path. Its last segment may be a variable, such as `:customer_id`.
    pub path: &'static str,
    /// The scope that a key needs.
    pub scope: Option<&'static str>,
    /// The name of the handler.
    pub(crate) operation: &'static str,
    pub(crate) handler: EndpointHandler,
}

macro_rules! endpoint {
    ($method:literal, $path:literal, $scope:expr, $handler:ident) => {
        Endpoint { method: $method, path: $path, scope: $scope, operation: stringify!($handler), handler: $handler }
    };
}

const ENDPOINTS: &[Endpoint] = &[
    endpoint!("GET", "/v1/organization/me", None, organization),
    endpoint!("POST", "/v1/customers.get_or_create", Some("customers:write"), create),
    endpoint!("POST", "/v1/customers", Some("customers:write"), create),
    endpoint!("POST", "/v1/customers.get", Some("customers:read"), get),
    endpoint!("GET", "/v1/customers/:customer_id", Some("customers:read"), get),
    endpoint!("POST", "/v1/customers.list", Some("customers:read"), list),
    endpoint!("GET", "/v1/customers", Some("customers:read"), page),
    endpoint!("POST", "/v1/customers.update", Some("customers:write"), update),
    endpoint!("POST", "/v1/customers/:customer_id", Some("customers:write"), update),
    endpoint!("PATCH", "/v1/customers/:customer_id", Some("customers:write"), update),
    endpoint!("POST", "/v1/customers.delete", Some("customers:write"), delete),
    endpoint!("DELETE", "/v1/customers/:customer_id", Some("customers:write"), delete),
    endpoint!("POST", "/v1/balances.check", Some("balances:read"), check),
    endpoint!("POST", "/v1/check", Some("balances:read"), check),
    endpoint!("POST", "/v1/entitled", Some("balances:read"), check),
    endpoint!("POST", "/v1/balances.track", Some("balances:write"), track),
    endpoint!("POST", "/v1/track", Some("balances:write"), track),
    endpoint!("POST", "/v1/events", Some("balances:write"), track),
    endpoint!("POST", "/v1/balances.update", Some("balances:write"), set_balance),
    endpoint!("POST", "/v1/billing.attach", Some("billing:write"), attach),
    endpoint!("POST", "/v1/attach", Some("billing:write"), attach),
    endpoint!("POST", "/v1/billing.update", Some("billing:write"), update_plan),
    endpoint!("POST", "/v1/cancel", Some("billing:write"), cancel),
    endpoint!("POST", "/v1/billing.open_customer_portal", Some("billing:write"), open_portal),
    endpoint!("POST", "/v1/plans.list", Some("plans:read"), plans),
    endpoint!("GET", "/v1/plans", Some("plans:read"), plans),
    endpoint!("GET", "/v1/products", Some("plans:read"), products),
    endpoint!("POST", "/v1/plans.get", Some("plans:read"), plan),
    endpoint!("GET", "/v1/plans/:plan_id", Some("plans:read"), plan),
    endpoint!("GET", "/v1/products/:plan_id", Some("plans:read"), product),
    endpoint!("POST", "/v1/features.list", Some("features:read"), features),
    endpoint!("GET", "/v1/features", Some("features:read"), features),
    endpoint!("POST", "/v1/features.get", Some("features:read"), feature),
    endpoint!("GET", "/v1/features/:feature_id", Some("features:read"), feature),
];

/// All endpoints of the API under `/v1/`.
///
/// ```
/// let names: Vec<_> = local_autumn::endpoints().iter().map(|endpoint| endpoint.path).collect();
/// assert!(names.contains(&"/v1/balances.check") && names.contains(&"/v1/check"));
/// ```
#[must_use]
pub fn endpoints() -> &'static [Endpoint] {
    ENDPOINTS
}

/// The endpoint of a request.
pub(crate) fn find(method: &Method, path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| {
        endpoint.method == method.as_str() && (endpoint.path == path || endpoint.variable(path).is_some())
    })
}

impl Endpoint {
    /// The name and the value of the variable segment, if the path is one of this endpoint.
    pub(crate) fn variable<'p>(&self, path: &'p str) -> Option<(&'static str, &'p str)> {
        let (start, name) = self.path.split_once(':')?;
        let value = path.strip_prefix(start)?;
        (!value.is_empty() && !value.contains('/')).then_some((name, value))
    }
}
