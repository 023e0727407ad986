//! Made-up plans and features: `free` with 100 messages, and `pro` with 1,000 and priority support.

use libatmn::Environment;
use serde_json::{Value, json};

/// A plan and what it includes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) id: &'static str,
    name: &'static str,
    /// For each month.
    price: u32,
    messages: u64,
    priority_support: bool,
}

pub(crate) const FREE: &Plan = &Plan { id: "free", name: "Free", price: 0, messages: 100, priority_support: false };
const PRO: &Plan = &Plan { id: "pro", name: "Pro", price: 20, messages: 1_000, priority_support: true };
const ALL: &[&Plan] = &[FREE, PRO];

/// The start of all plans, in milliseconds since 1970.
const CREATED_AT: u64 = 1_760_000_000_000;

/// A feature of the plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// Metered: a customer can run out of messages.
    Messages,
    /// A plan includes it or not.
    PrioritySupport,
}

impl Feature {
    pub(crate) fn find(id: &str) -> Option<Self> {
        match id {
            "messages" => Some(Self::Messages),
            "priority_support" => Some(Self::PrioritySupport),
            _ => None,
        }
    }
}

impl Plan {
    pub(crate) fn find(id: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|plan| plan.id == id)
    }

    /// The messages that are left after this usage.
    pub(crate) fn messages_left(&self, usage: u64) -> u64 {
        self.messages.saturating_sub(usage)
    }

    /// Whether a customer with this usage may use so much more of a feature.
    pub(crate) fn allows(&self, feature: Feature, usage: u64, required: u64) -> bool {
        match feature {
            Feature::Messages => self.messages_left(usage) >= required,
            Feature::PrioritySupport => self.priority_support,
        }
    }

    /// The balance of a metered feature, as Autumn's SDKs read it.
    pub(crate) fn balance(&self, feature: Feature, usage: u64) -> Option<Value> {
        let Feature::Messages = feature else { return None };
        Some(json!({
            "feature_id": "messages",
            "granted": self.messages,
            "usage": usage,
            "remaining": self.messages_left(usage),
            "unlimited": false,
            "overage_allowed": false,
            "max_purchase": null,
            "next_reset_at": null,
        }))
    }

    /// The plan of a customer, as Autumn's SDKs read it.
    pub(crate) fn subscription(&self) -> Value {
        json!({
            "id": format!("sub_{}", self.id),
            "plan_id": self.id,
            "auto_enable": self.price == 0,
            "add_on": false,
            "status": "active",
            "past_due": false,
            "canceled_at": null,
            "expires_at": null,
            "trial_ends_at": null,
            "started_at": CREATED_AT,
            "current_period_start": null,
            "current_period_end": null,
            "quantity": 1,
        })
    }

    fn json(&self, environment: Environment) -> Value {
        let price = (self.price > 0).then(|| json!({ "amount": self.price, "interval": "month" }));
        json!({
            "id": self.id,
            "name": self.name,
            "description": null,
            "group": null,
            "version": 1,
            "add_on": false,
            "auto_enable": self.price == 0,
            "price": price,
            "items": [],
            "created_at": CREATED_AT,
            "env": environment.name(),
            "archived": false,
            "config": { "ignore_past_due": false },
            "metadata": {},
            "base_variant_id": null,
        })
    }
}

/// The plans, the same for every organization.
pub(crate) fn plans(environment: Environment) -> Value {
    json!({ "list": ALL.iter().map(|plan| plan.json(environment)).collect::<Vec<_>>() })
}

/// The plans as older versions of the API list them.
pub(crate) fn products(environment: Environment) -> Value {
    let product = |plan: &Plan| json!({ "id": plan.id, "name": plan.name, "env": environment.name(), "price": { "amount": plan.price, "interval": "month" } });
    json!({ "list": ALL.iter().copied().map(product).collect::<Vec<_>>() })
}
