//! Made-up customers, products and features.

use libatmn::Environment;
use serde_json::{Value, json};

use crate::accounts::{Organization, organizations};
use crate::keys::Principal;

/// The largest number of customers; it stops tests that create customers in an endless loop.
const LIMIT: usize = 10_000;

/// A customer of one organization in one environment.
pub(crate) struct Customer {
    pub(crate) id: String,
    organization: &'static Organization,
    environment: Environment,
    name: Option<String>,
    email: Option<String>,
    /// Milliseconds since 1970, as in Autumn's API.
    created_at: u64,
}

/// The features: id and included usage. `None` means that the feature needs a paid plan.
const FEATURES: [(&str, Option<u32>); 2] = [("messages", Some(100)), ("priority_support", None)];

/// One customer in the sandbox of each organization.
fn first_customers() -> Vec<Customer> {
    let customer = |organization| Customer {
        id: "cus_first".to_owned(),
        organization,
        environment: Environment::Sandbox,
        name: Some("First Customer".to_owned()),
        email: Some("first@example.com".to_owned()),
        created_at: 1_760_000_000_000,
    };
    organizations().iter().copied().map(customer).collect()
}

impl Customer {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "created_at": self.created_at,
            "fingerprint": null,
            "stripe_id": null,
            "env": self.environment.name(),
            "metadata": {},
            "subscriptions": [],
            "balances": {},
        })
    }

    fn belongs_to(&self, principal: Principal) -> bool {
        self.organization == principal.organization && self.environment == principal.environment
    }
}

/// All customers of the server.
pub(crate) struct Customers(Vec<Customer>);

impl Customers {
    pub(crate) fn new() -> Self {
        Self(first_customers())
    }

    /// One page of the principal's customers, the oldest first.
    pub(crate) fn list(&self, principal: Principal, limit: usize, offset: usize) -> Value {
        let own: Vec<_> = self.0.iter().filter(|customer| customer.belongs_to(principal)).collect();
        let page: Vec<_> = own.iter().skip(offset).take(limit).map(|customer| customer.json()).collect();
        let has_more = own.len() > offset.saturating_add(page.len());
        json!({ "list": page, "total": own.len(), "limit": limit, "offset": offset, "has_more": has_more })
    }

    pub(crate) fn get(&self, principal: Principal, id: &str) -> Option<&Customer> {
        self.0.iter().find(|customer| customer.id == id && customer.belongs_to(principal))
    }

    /// Creates a customer, or finds the one that has this id; `None` if there are too many customers.
    pub(crate) fn create(
        &mut self,
        principal: Principal,
        id: &str,
        name: Option<&str>,
        email: Option<&str>,
        now: u64,
    ) -> Option<Value> {
        if let Some(customer) = self.get(principal, id) {
            return Some(customer.json());
        }
        if self.0.len() >= LIMIT {
            return None;
        }
        let customer = Customer {
            id: id.to_owned(),
            organization: principal.organization,
            environment: principal.environment,
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
            created_at: now * 1000,
        };
        let json = customer.json();
        self.0.push(customer);
        Some(json)
    }
}

/// The products, the same for every organization.
pub(crate) fn products(environment: Environment) -> Value {
    let product = |id: &str, name: &str, price: u32| json!({ "id": id, "name": name, "env": environment.name(), "price": { "amount": price, "interval": "month" } });
    json!({ "list": [product("free", "Free", 0), product("pro", "Pro", 20)] })
}

/// Whether the customer may use the feature; `None` if the feature does not exist.
pub(crate) fn check(customer_id: &str, feature_id: &str) -> Option<Value> {
    let (id, included) = FEATURES.iter().find(|(id, _)| *id == feature_id)?;
    let balance =
        included.map(|granted| json!({ "feature_id": id, "granted": granted, "usage": 0, "remaining": granted }));
    Some(json!({
        "allowed": included.is_some(),
        "customer_id": customer_id,
        "feature_id": id,
        "required_balance": 1,
        "balance": balance,
        "flag": null,
    }))
}
