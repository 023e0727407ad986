//! Checkouts: the pages at which made-up customers pay for a plan.

use std::collections::VecDeque;

use crate::keys::Principal;
use crate::plans::Plan;

/// The largest number of open checkouts; the oldest are forgotten.
const LIMIT: usize = 1_000;
/// The path before the random name of a checkout. Opening one changes a customer, so another website must not guess it.
pub(crate) const PATH: &str = "/checkout/";

/// A checkout that waits for its customer.
pub(crate) struct Checkout {
    path: String,
    pub(crate) principal: Principal,
    pub(crate) customer_id: String,
    pub(crate) plan: &'static Plan,
    pub(crate) success_url: Option<String>,
}

/// The open checkouts of the server.
#[derive(Default)]
pub(crate) struct Checkouts {
    open: VecDeque<Checkout>,
}

impl Checkouts {
    /// Opens a checkout at a path.
    pub(crate) fn open(
        &mut self,
        path: String,
        principal: Principal,
        customer_id: &str,
        plan: &'static Plan,
        success_url: Option<&str>,
    ) {
        if self.open.len() == LIMIT {
            self.open.pop_front();
        }
        let is_page = |url: &&str| url.starts_with("http://") || url.starts_with("https://");
        let success_url = success_url.filter(is_page).map(str::to_owned);
        let customer_id = customer_id.to_owned();
        self.open.push_back(Checkout { path, principal, customer_id, plan, success_url });
    }

    /// Takes the checkout of a path.
    pub(crate) fn close(&mut self, path: &str) -> Option<Checkout> {
        let at = self.open.iter().position(|checkout| checkout.path == path)?;
        self.open.remove(at)
    }
}
