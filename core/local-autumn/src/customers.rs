//! Made-up customers, their plans and their usage.

use libatmn::Environment;
use serde_json::{Value, json};

use crate::accounts::{Organization, organizations};
use crate::keys::Principal;
use crate::plans::{FREE, Feature, Plan};

/// The largest number of customers; it stops tests that create customers in an endless loop.
const LIMIT: usize = 10_000;

/// What the organization knows of a customer.
#[derive(Default)]
pub(crate) struct CustomerDetails {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) fingerprint: Option<String>,
    /// A JSON object.
    pub(crate) metadata: Option<Value>,
}

/// A customer of one organization in one environment.
pub(crate) struct Customer {
    pub(crate) id: String,
    organization: &'static Organization,
    environment: Environment,
    details: CustomerDetails,
    /// Milliseconds since 1970, as in Autumn's API.
    created_at: u64,
    pub(crate) plan: &'static Plan,
    /// Whether the customer has paid once, so that the next plan needs no checkout.
    pub(crate) has_paid: bool,
    /// The messages that the customer has used; less than zero after a gift.
    usage: i64,
}

/// One customer in the sandbox of each organization.
fn first_customers() -> Vec<Customer> {
    let customer = |organization| Customer {
        id: "cus_first".to_owned(),
        organization,
        environment: Environment::Sandbox,
        details: CustomerDetails {
            name: Some("First Customer".to_owned()),
            email: Some("first@example.com".to_owned()),
            ..CustomerDetails::default()
        },
        created_at: 1_760_000_000_000,
        plan: FREE,
        has_paid: false,
        usage: 0,
    };
    organizations().iter().copied().map(customer).collect()
}

impl Customer {
    pub(crate) fn json(&self) -> Value {
        let flag =
            self.plan.flag(Feature::PrioritySupport).map(|flag| (Feature::PrioritySupport.id().to_owned(), flag));
        json!({
            "id": self.id,
            "name": self.details.name,
            "email": self.details.email,
            "created_at": self.created_at,
            "fingerprint": self.details.fingerprint,
            "stripe_id": null,
            "env": self.environment.name(),
            "metadata": self.details.metadata.clone().unwrap_or_else(|| json!({})),
            "send_email_receipts": false,
            "billing_controls": {},
            "subscriptions": [self.plan.subscription()],
            "purchases": [],
            "licenses": [],
            "balances": { "messages": self.plan.balance(Feature::Messages, self.usage) },
            "flags": flag.into_iter().collect::<serde_json::Map<_, _>>(),
        })
    }

    /// Whether the customer may use so much more of the feature. Older versions of the API repeat the feature.
    pub(crate) fn check(&self, feature: Feature, required: u64) -> Value {
        json!({
            "allowed": self.plan.allows(feature, self.usage, required),
            "customer_id": self.id,
            "feature_id": feature.id(),
            "required_balance": required,
            "balance": self.plan.balance(feature, self.usage),
            "flag": self.plan.flag(feature),
        })
    }

    /// Counts usage, up to what is left.
    pub(crate) fn track(&mut self, feature: Feature, value: i64) -> Value {
        if feature == Feature::Messages {
            let left = i64::try_from(self.messages_left()).unwrap_or(i64::MAX);
            self.usage = self.usage.saturating_add(value.min(left));
        }
        let balance = self.plan.balance(feature, self.usage);
        json!({ "customer_id": self.id, "value": value, "balance": balance })
    }

    pub(crate) fn messages_left(&self) -> u64 {
        self.plan.messages_left(self.usage)
    }

    /// Sets the usage.
    pub(crate) fn use_messages(&mut self, usage: u64) {
        self.usage = i64::try_from(usage).unwrap_or(i64::MAX);
    }

    /// Sets what is left.
    pub(crate) fn leave_messages(&mut self, left: u64) {
        self.usage = self.plan.usage_that_leaves(left);
    }

    /// Changes what the details name, and keeps all else.
    pub(crate) fn update(&mut self, new: CustomerDetails) {
        let old = std::mem::take(&mut self.details);
        self.details = CustomerDetails {
            name: new.name.or(old.name),
            email: new.email.or(old.email),
            fingerprint: new.fingerprint.or(old.fingerprint),
            metadata: new.metadata.or(old.metadata),
        };
    }

    fn belongs_to(&self, principal: Principal) -> bool {
        self.organization == principal.organization && self.environment == principal.environment
    }

    /// Whether the id, the name or the email contains this text.
    fn matches(&self, text: &str) -> bool {
        let fields = [Some(&self.id), self.details.name.as_ref(), self.details.email.as_ref()];
        fields.into_iter().flatten().any(|field| field.contains(text))
    }
}

/// All customers of the server.
pub(crate) struct Customers(Vec<Customer>);

impl Customers {
    pub(crate) fn new() -> Self {
        Self(first_customers())
    }

    /// The principal's customers with this text in their id, name or email, the oldest first.
    pub(crate) fn all(&self, principal: Principal, text: &str) -> Vec<Value> {
        let own = |customer: &&Customer| customer.belongs_to(principal) && customer.matches(text);
        self.0.iter().filter(own).map(Customer::json).collect()
    }

    pub(crate) fn get_mut(&mut self, principal: Principal, id: &str) -> Option<&mut Customer> {
        self.0.iter_mut().find(|customer| customer.id == id && customer.belongs_to(principal))
    }

    pub(crate) fn delete(&mut self, principal: Principal, id: &str) {
        self.0.retain(|customer| customer.id != id || !customer.belongs_to(principal));
    }

    /// Creates a customer, or finds the one that has this id; `None` if there are too many customers.
    pub(crate) fn create(
        &mut self,
        principal: Principal,
        id: &str,
        details: CustomerDetails,
        now: u64,
    ) -> Option<Value> {
        if let Some(customer) = self.get_mut(principal, id) {
            return Some(customer.json());
        }
        if self.0.len() >= LIMIT {
            return None;
        }
        let customer = Customer {
            id: id.to_owned(),
            organization: principal.organization,
            environment: principal.environment,
            details,
            created_at: now * 1000,
            plan: FREE,
            has_paid: false,
            usage: 0,
        };
        let json = customer.json();
        self.0.push(customer);
        Some(json)
    }
}
