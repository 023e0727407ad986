//! The calls about the organization, its plans and its features.

use serde_json::{Value, json};

use crate::call::{Answered, Call};
use crate::plans::{Feature, Plan};

pub(crate) fn organization(call: &Call<'_>) -> Answered<Value> {
    let organization = call.principal.organization;
    let env = call.environment().name();
    Ok(json!({ "id": organization.id, "name": organization.name, "slug": organization.slug, "env": env }))
}

fn list<T: Copy>(all: &[T], json: impl Fn(T) -> Value) -> Value {
    json!({ "list": all.iter().copied().map(json).collect::<Vec<_>>() })
}

pub(crate) fn plans(call: &Call<'_>) -> Answered<Value> {
    Ok(list(Plan::ALL, |plan| plan.json(call.environment())))
}

pub(crate) fn plan(call: &Call<'_>) -> Answered<Value> {
    Ok(call.plan()?.json(call.environment()))
}

/// The plans as older versions of the API list them.
pub(crate) fn products(call: &Call<'_>) -> Answered<Value> {
    Ok(list(Plan::ALL, |plan| plan.product(call.environment())))
}

pub(crate) fn product(call: &Call<'_>) -> Answered<Value> {
    Ok(call.plan()?.product(call.environment()))
}

pub(crate) fn features(_: &Call<'_>) -> Answered<Value> {
    Ok(list(Feature::ALL, Feature::json))
}

pub(crate) fn feature(call: &Call<'_>) -> Answered<Value> {
    Ok(call.feature()?.json())
}
