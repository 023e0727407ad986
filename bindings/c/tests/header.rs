//! `include/atmn.h` is generated from the sources of this crate: `make generate` writes it, and this test compares it.
//!
//! cbindgen reads one module at a time, so that the header has a section for each, in the order of `src/lib.rs`, with
//! types, numbers and functions together. The codes come from the core.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

use std::path::{Path, PathBuf};

use atmn_tests::repository;
use cbindgen::{Builder, Config, Language, Style};
use libatmn::{ErrorCode, EventCode};

const WIDTH: usize = 120;

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}

/// The declarations that cbindgen makes of a file, each with its comment.
fn items(file: &Path, exported: &[&str]) -> Vec<String> {
    let mut config = Config {
        language: Language::C,
        style: Style::Type,
        no_includes: true,
        line_length: WIDTH,
        ..Config::default()
    };
    config.usize_is_size_t = true;
    config.export.include = exported.iter().map(|&name| name.to_owned()).collect();
    let mut text = Vec::new();
    Builder::new().with_config(config).with_src(file).generate().unwrap().write(&mut text);
    let text = String::from_utf8(text).unwrap();
    text.split("\n\n").map(|item| item.trim_matches('\n').to_owned()).filter(|item| !item.is_empty()).collect()
}

/// The codes of the core as macros, because C cannot fix the size of an enumeration, and `#ifdef` can test for a macro.
fn defines<C: Copy>(prefix: &str, codes: &[C], parts: fn(C) -> (&'static str, i32, &'static str)) -> Vec<String> {
    let define = |(name, number, meaning): (&str, i32, &str)| {
        format!("/** {meaning} */\n#define {prefix}{} {number}", name.to_uppercase())
    };
    codes.iter().copied().map(parts).map(define).collect()
}

/// A comment of one line takes one line.
fn compact(item: &str) -> String {
    let Some((comment, rest)) = item.split_once("\n */\n") else { return item.to_owned() };
    match comment.strip_prefix("/**\n * ").filter(|text| !text.contains('\n') && text.len() + 7 <= WIDTH) {
        Some(text) => format!("/** {text} */\n{rest}"),
        None => item.to_owned(),
    }
}

/// The numbers of a type follow it, without blank lines. Numbers whose type has no name come first.
fn with_numbers(items: &[String]) -> Vec<String> {
    let (mut numbers, others): (Vec<String>, Vec<String>) =
        items.iter().map(|item| compact(item)).partition(|item| item.contains("#define "));
    let mut grouped = Vec::new();
    for item in others {
        let own = match number_prefix(&item) {
            Some(prefix) => numbers.extract_if(.., |number| number.contains(&prefix)).collect(),
            None => Vec::new(),
        };
        grouped.push([vec![item], own].concat().join("\n"));
    }
    let rest = (!numbers.is_empty()).then(|| numbers.join("\n"));
    rest.into_iter().chain(grouped).collect()
}

/// How the numbers of a type begin.
fn number_prefix(item: &str) -> Option<String> {
    let name = item.strip_suffix(';')?.rsplit_once("typedef int32_t ")?.1;
    match name {
        "atmn_code" => Some("#define ATMN_".to_owned()),
        name if name.contains('(') => None,
        name => Some(format!("#define {}_", name.to_uppercase())),
    }
}

/// The text of the `//!` lines of a file, without the marks for bold text outside of code.
fn module_comment(file: &Path) -> String {
    let without_bold = |(index, part): (usize, &str)| if index % 2 == 0 { part.replace("**", "") } else { part.into() };
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let text: String = lines.map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned() + "\n").collect();
    // Code can continue on the next line.
    text.split('`').enumerate().map(without_bold).collect::<Vec<_>>().join("`")
}

fn section(module: &str) -> String {
    let file = source(&format!("{module}.rs"));
    // cbindgen leaves out types that no function of the same file uses.
    let callbacks: &[&str] = match module {
        "event" => &["atmn_event_callback"],
        "authenticate" => &["atmn_verify_callback"],
        _ => &[],
    };
    let mut items = items(&file, callbacks);
    items.extend(match module {
        "error" => defines("ATMN_", ErrorCode::ALL, |code| (code.name(), code.number(), code.meaning())),
        "event" => defines("ATMN_EVENT_", EventCode::ALL, |code| (code.name(), code.number(), code.meaning())),
        _ => Vec::new(),
    });
    let title = module_comment(&file).trim().trim_end_matches('.').to_owned();
    let line = "-".repeat(WIDTH - 12 - title.len());
    format!("/* ---- {title} {line} */\n\n{}\n\n", with_numbers(&items).join("\n\n"))
}

fn header() -> String {
    let library = std::fs::read_to_string(source("lib.rs")).unwrap();
    let modules = library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let sections: String = modules.map(section).collect();
    let rules = module_comment(&source("lib.rs"));
    let rules: String = rules.lines().map(|line| format!(" * {line}").trim_end().to_owned() + "\n").collect();
    format!(
        "/* atmn.h - libatmn for C. Generated by `make generate`; do not edit.\n *\n{rules} */\n\n\
         #ifndef ATMN_H\n#define ATMN_H\n\n#include <stddef.h>\n#include <stdint.h>\n\n\
         #ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n{sections}\
         #ifdef __cplusplus\n}}\n#endif\n\n#endif\n"
    )
}

#[test]
fn generated_header_is_up_to_date() {
    let path = repository().join("include/atmn.h");
    let fresh = header();
    if std::env::var_os("ATMN_GENERATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &fresh).unwrap();
    }
    for line in fresh.lines() {
        assert!(line.chars().count() <= WIDTH, "too long: {line}");
    }
    assert!(std::fs::read_to_string(path).unwrap_or_default() == fresh, "include/atmn.h: run `make generate`");
}
