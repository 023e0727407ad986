//! Made-up plans and features: `free` with 100 messages, and `pro` with 1,000 and priority support.

use libatmn::Environment;
use serde_json::{Value, json};

/// A plan and what it includes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// For each month.
    price: u32,
    messages: i64,
    priority_support: bool,
}

pub(crate) const FREE: &Plan = &Plan { id: "free", name: "Free", price: 0, messages: 100, priority_support: false };
const PRO: &Plan = &Plan { id: "pro", name: "Pro", price: 20, messages: 1_000, priority_support: true };

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
    pub(crate) const ALL: &[Self] = &[Self::Messages, Self::PrioritySupport];

    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::PrioritySupport => "priority_support",
        }
    }

    pub(crate) fn find(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|feature| feature.id() == id)
    }

    /// The feature as Autumn's SDKs read it.
    pub(crate) fn json(self) -> Value {
        let (name, kind) = match self {
            Self::Messages => ("Messages", "metered"),
            Self::PrioritySupport => ("Priority support", "boolean"),
        };
        let consumable = self == Self::Messages;
        json!({ "id": self.id(), "name": name, "type": kind, "consumable": consumable, "archived": false })
    }
}

impl Plan {
    pub(crate) const ALL: &[&Self] = &[FREE, PRO];

    pub(crate) fn find(id: &str) -> Option<&'static Self> {
        Self::ALL.iter().copied().find(|plan| plan.id == id)
    }

    /// The messages that are left after this usage.
    pub(crate) fn messages_left(&self, usage: i64) -> u64 {
        u64::try_from(self.messages.saturating_sub(usage)).unwrap_or(0)
    }

    /// The usage after which so many messages are left.
    pub(crate) fn usage_that_leaves(&self, left: u64) -> i64 {
        self.messages.saturating_sub(i64::try_from(left).unwrap_or(i64::MAX))
    }

    /// Whether a customer has to pay for the plan.
    pub(crate) fn costs(&self) -> bool {
        self.price > 0
    }

    /// Access to a feature that the plan includes or not, as Autumn's SDKs read it.
    pub(crate) fn flag(&self, feature: Feature) -> Option<Value> {
        let Feature::PrioritySupport = feature else { return None };
        let id = format!("{}_{}", self.id, feature.id());
        let flag = json!({ "id": id, "plan_id": self.id, "expires_at": null, "feature_id": feature.id() });
        self.priority_support.then_some(flag)
    }

    fn items(&self) -> Vec<Value> {
        let item = |feature: Feature, included: i64, reset: Value| json!({ "feature_id": feature.id(), "included": included, "unlimited": false, "reset": reset, "price": null });
        let messages = item(Feature::Messages, self.messages, json!({ "interval": "month" }));
        let support = self.priority_support.then(|| item(Feature::PrioritySupport, 0, Value::Null));
        std::iter::once(messages).chain(support).collect()
    }

    /// Whether a customer with this usage may use so much more of a feature.
    pub(crate) fn allows(&self, feature: Feature, usage: i64, required: u64) -> bool {
        match feature {
            Feature::Messages => self.messages_left(usage) >= required,
            Feature::PrioritySupport => self.priority_support,
        }
    }

    /// The balance of a metered feature, as Autumn's SDKs read it.
    pub(crate) fn balance(&self, feature: Feature, usage: i64) -> Option<Value> {
        let Feature::Messages = feature else { return None };
        Some(json!({
            "feature_id": feature.id(),
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

    pub(crate) fn json(&self, environment: Environment) -> Value {
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
            "items": self.items(),
            "created_at": CREATED_AT,
            "env": environment.name(),
            "archived": false,
            "config": { "ignore_past_due": false },
            "metadata": {},
            "base_variant_id": null,
        })
    }

    /// The plan as older versions of the API show it.
    pub(crate) fn product(&self, environment: Environment) -> Value {
        let price = json!({ "amount": self.price, "interval": "month" });
        json!({ "id": self.id, "name": self.name, "env": environment.name(), "price": price })
    }
}
