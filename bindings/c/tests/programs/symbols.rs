//! The symbols of the libraries.

use std::collections::BTreeSet;
use std::process::Command;

use atmn_tests::header::functions;

use crate::build::{library_directory, prefix};

/// The names of the functions that the header declares.
pub(crate) fn declared() -> BTreeSet<String> {
    functions().into_iter().map(|function| function.name).collect()
}

fn nm(arguments: &[&str], file: &str) -> BTreeSet<String> {
    let output = Command::new("nm").args(arguments).arg(library_directory().join(file)).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_whitespace().nth(2)).map(str::to_owned).collect()
}

#[test]
fn shared_library_exports_the_functions_of_the_header() {
    assert_eq!(nm(&["--dynamic", "--defined-only"], "libatmn.so"), declared());
}

#[test]
fn static_library_has_the_functions_of_the_header() {
    let found = nm(&["--defined-only", "--extern-only"], "libatmn.a");
    let prefixed: BTreeSet<String> = found.into_iter().filter(|name| name.starts_with("atmn_")).collect();
    assert_eq!(prefixed, declared());
}

#[test]
fn installed_libraries_export_the_functions_of_the_header_only() {
    let shared = nm(&["--dynamic", "--defined-only"], prefix().join("lib/libatmn.so").to_str().unwrap());
    let versioned: BTreeSet<String> = declared().iter().map(|name| format!("{name}@@ATMN_0")).collect();
    assert_eq!(&shared - &BTreeSet::from(["ATMN_0".to_owned()]), versioned);
    let global = nm(&["--defined-only", "--extern-only"], prefix().join("lib/libatmn.a").to_str().unwrap());
    assert_eq!(global, declared());
}

#[test]
fn shared_library_has_soname_and_nodelete() {
    let library = prefix().join("lib/libatmn.so");
    let output = Command::new("readelf").arg("--dynamic").arg(library).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("[libatmn.so.0]") && text.contains("NODELETE"), "{text}");
}
