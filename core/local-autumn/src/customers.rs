//! Made-up customers, their plans and their usage.

use libatmn::Environment;
use serde_json::{Value, json};

use crate::accounts::{Organization, organizations};
use crate::keys::Principal;
use crate::plans::{FREE, Feature, Plan};

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
    plan: &'static Plan,
    /// The messages that the customer has used.
    usage: u64,
}

/// One customer in the sandbox of each organization.
fn first_customers() -> Vec<Customer> {
    let customer = |organization| Customer {
        id: "cus_first".to_owned(),
        organization,
        environment: Environment::Sandbox,
        name: Some("First Customer".to_owned()),
        email: Some("first@example.com".to_owned()),
        created_at: 1_760_000_000_000,
        plan: FREE,
        usage: 0,
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
            "send_email_receipts": false,
            "billing_controls": {},
            "subscriptions": [self.plan.subscription()],
            "purchases": [],
            "licenses": [],
            "balances": { "messages": self.plan.balance(Feature::Messages, self.usage) },
            "flags": {},
        })
    }

    /// Whether the customer may use so much more of the feature.
    pub(crate) fn check(&self, feature: Feature, required: u64) -> Value {
        json!({
            "allowed": self.plan.allows(feature, self.usage, required),
            "customer_id": self.id,
            "required_balance": required,
            "balance": self.plan.balance(feature, self.usage),
            "flag": null,
        })
    }

    /// Counts usage, up to what the plan includes.
    pub(crate) fn track(&mut self, feature: Feature, value: u64) -> Value {
        if feature == Feature::Messages {
            self.usage += value.min(self.plan.messages_left(self.usage));
        }
        let balance = self.plan.balance(feature, self.usage);
        json!({ "customer_id": self.id, "value": value, "balance": balance })
    }

    /// Gives the customer a plan. No payment is asked for.
    pub(crate) fn attach(&mut self, plan: &'static Plan) -> Value {
        self.plan = plan;
        json!({ "customer_id": self.id, "payment_url": null })
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

    pub(crate) fn get_mut(&mut self, principal: Principal, id: &str) -> Option<&mut Customer> {
        self.0.iter_mut().find(|customer| customer.id == id && customer.belongs_to(principal))
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
            plan: FREE,
            usage: 0,
        };
        let json = customer.json();
        self.0.push(customer);
        Some(json)
    }
}
