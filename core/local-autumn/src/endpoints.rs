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
    pub(crate) handler: EndpointHandler,
}

const fn endpoint(method: &'static str, path: &'static str, scope: &'static str, handler: EndpointHandler) -> Endpoint {
    Endpoint { method, path, scope: Some(scope), handler }
}

const ENDPOINTS: &[Endpoint] = &[
    Endpoint { method: "GET", path: "/v1/organization/me", scope: None, handler: organization },
    endpoint("POST", "/v1/customers.get_or_create", "customers:write", create),
    endpoint("POST", "/v1/customers", "customers:write", create),
    endpoint("POST", "/v1/customers.get", "customers:read", get),
    endpoint("GET", "/v1/customers/:customer_id", "customers:read", get),
    endpoint("POST", "/v1/customers.list", "customers:read", list),
    endpoint("GET", "/v1/customers", "customers:read", page),
    endpoint("POST", "/v1/customers.update", "customers:write", update),
    endpoint("POST", "/v1/customers/:customer_id", "customers:write", update),
    endpoint("PATCH", "/v1/customers/:customer_id", "customers:write", update),
    endpoint("POST", "/v1/customers.delete", "customers:write", delete),
    endpoint("DELETE", "/v1/customers/:customer_id", "customers:write", delete),
    endpoint("POST", "/v1/balances.check", "balances:read", check),
    endpoint("POST", "/v1/check", "balances:read", check),
    endpoint("POST", "/v1/entitled", "balances:read", check),
    endpoint("POST", "/v1/balances.track", "balances:write", track),
    endpoint("POST", "/v1/track", "balances:write", track),
    endpoint("POST", "/v1/events", "balances:write", track),
    endpoint("POST", "/v1/balances.update", "balances:write", set_balance),
    endpoint("POST", "/v1/billing.attach", "billing:write", attach),
    endpoint("POST", "/v1/attach", "billing:write", attach),
    endpoint("POST", "/v1/billing.update", "billing:write", update_plan),
    endpoint("POST", "/v1/cancel", "billing:write", cancel),
    endpoint("POST", "/v1/billing.open_customer_portal", "billing:write", open_portal),
    endpoint("POST", "/v1/plans.list", "plans:read", plans),
    endpoint("GET", "/v1/plans", "plans:read", plans),
    endpoint("GET", "/v1/products", "plans:read", products),
    endpoint("POST", "/v1/plans.get", "plans:read", plan),
    endpoint("GET", "/v1/plans/:plan_id", "plans:read", plan),
    endpoint("GET", "/v1/products/:plan_id", "plans:read", product),
    endpoint("POST", "/v1/features.list", "features:read", features),
    endpoint("GET", "/v1/features", "features:read", features),
    endpoint("POST", "/v1/features.get", "features:read", feature),
    endpoint("GET", "/v1/features/:feature_id", "features:read", feature),
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
