//! Helpers of the tests: projects with real files, the built command, other languages' readers, and pages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

pub mod header;
pub mod latin1;
pub mod pages;
pub mod ports;
pub mod project;
pub mod readers;
pub mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folder of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// A vector file, by its path below `tests/vectors`.
#[must_use]
pub fn vectors(name: &str) -> serde_json::Value {
    let path = repository().join("tests/vectors").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Asserts that a JSON object, or the first of a list, has exactly the fields agreed on in `shapes.json`.
pub fn check_shape(name: &str, value: &serde_json::Value) {
    let value = if value.is_array() { &value[0] } else { value };
    let found: BTreeSet<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let shapes = vectors("shapes.json");
    let agreed: BTreeSet<&str> = shapes[name].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
    assert_eq!(found, agreed, "{name}");
}

/// Checks values against the shapes in `shapes.json`, and remembers which shapes have been checked.
pub struct Shapes(BTreeSet<String>);

impl Shapes {
    /// No shape has been checked yet.
    #[must_use]
    pub fn unchecked() -> Self {
        Self(vectors("shapes.json").as_object().unwrap().keys().cloned().collect())
    }

    /// Leaves out a shape that the binding does not have.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        assert!(self.0.remove(name), "no shape {name}");
        self
    }

    /// Asserts that the value has the shape.
    pub fn check(&mut self, name: &str, value: &serde_json::Value) {
        check_shape(name, value);
        let _ = self.0.remove(name);
    }

    /// Asserts that every shape has been checked.
    pub fn end(self) {
        assert!(self.0.is_empty(), "shapes without a test: {:?}", self.0);
    }
}

/// Compiles the snippets of the README and of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../docs/rust.md")]
struct Pages;
