//! `docs/testing.md` lists what the server has.

use std::collections::BTreeSet;

use local_autumn::{endpoints, organizations, people};

use crate::api::{ask, secret};
use crate::support::start;

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/testing.md");
    std::fs::read_to_string(path).unwrap()
}

/// The cells of each row of the table below a heading, without backticks.
fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let section = page.split_once(&format!("## {heading}\n")).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    rows.map(cells).collect()
}

#[test]
fn table_of_endpoints_is_the_router() {
    let mut documented = BTreeSet::new();
    for row in table(&page(), "Endpoints") {
        let [names, scope, _] = row.as_slice() else { panic!("{row:?}") };
        for name in names.split(", ") {
            assert!(documented.insert((name.to_owned(), scope.clone())), "{name} twice");
        }
    }
    let name = |endpoint: &local_autumn::Endpoint| {
        (format!("{} {}", endpoint.method, endpoint.path), endpoint.scope.unwrap_or("none").to_owned())
    };
    assert_eq!(documented, endpoints().iter().map(name).collect());
}

#[test]
fn what_exists_at_the_start_is_documented() {
    let page = page();
    let rows = table(&page, "What exists at the start");
    let ids =
        |kind: &str| -> Vec<String> { rows.iter().filter(|row| row[0] == kind).map(|row| row[1].clone()).collect() };
    let autumn = start();
    let listed = |path: &str| -> Vec<String> {
        let list = ask(&autumn, &secret(&autumn), path).json();
        list["list"].as_array().unwrap().iter().map(|each| each["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("plan"), listed("/v1/plans"));
    assert_eq!(ids("feature"), listed("/v1/features"));
    assert_eq!(ids("customer"), listed("/v1/customers"));
    assert_eq!(ids("organization"), organizations().iter().map(|each| each.slug.to_owned()).collect::<Vec<_>>());
    assert_eq!(ids("person"), people().iter().map(|each| each.email.to_owned()).collect::<Vec<_>>());
}
