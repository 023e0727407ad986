//! `include/atmn.h` is generated from the sources of this crate: `make generate` writes it, and this test compares it.
//!
//! cbindgen reads one module at a time, so that the header has a section for each, in the order of `src/lib.rs`, with
//! types, numbers and functions together. The codes come from the core.
//!
//! `include/atmn.abi` has what compiled programs depend on: types, numbers and functions, sorted. Later releases with the same
//! `ATMN_ABI_VERSION` only add lines.
//!
//! `bindings/c/man` has the man pages of section 3, which are made from the header.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

mod man;

use std::path::{Path, PathBuf};
use std::process::Command;

use atmn_tests::header::{declarations, functions};
use atmn_tests::repository;
use cbindgen::{Builder, Config, Language, Style};
use libatmn::{ErrorCode, EventCode};

const WIDTH: usize = 120;

const MUST_USE: &str = "\
/** Compilers warn if the code of a function with this mark is not used. Define it as nothing to turn that off. */
#ifndef ATMN_MUST_USE
#if defined(__GNUC__)
#define ATMN_MUST_USE __attribute__((warn_unused_result))
#else
#define ATMN_MUST_USE
#endif
#endif
";

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

/// The release as macros, which the preprocessor can compare.
fn release(version: &str) -> Vec<String> {
    let parts: Vec<u8> = version.split(['.', '-']).take(3).map(|part| part.parse().unwrap()).collect();
    let number: String = parts.iter().map(|part| format!("{part:02x}")).collect();
    vec![
        format!(
            "/** The release of this header; `atmn_version` returns that of the library. */\n#define ATMN_VERSION \"{version}\""
        ),
        format!(
            "/** The same as a number: two hexadecimal digits for each part. */\n#define ATMN_VERSION_NUM 0x{number}"
        ),
    ]
}

/// Compilers warn if the code of a function that can fail is not used.
fn must_use(item: String) -> String {
    match item.contains("\natmn_code atmn_") && item.ends_with("atmn_error **error);") {
        true => item.replace("\natmn_code atmn_", "\nATMN_MUST_USE\natmn_code atmn_"),
        false => item,
    }
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
        "version" => release(env!("CARGO_PKG_VERSION")),
        _ => Vec::new(),
    });
    let items: Vec<String> = items.into_iter().map(must_use).collect();
    let title = module_comment(&file).trim().trim_end_matches('.').to_owned();
    let line = "-".repeat(WIDTH - 12 - title.len());
    format!("/* ---- {title} {line} */\n\n{}\n\n", with_numbers(&items).join("\n\n"))
}

/// The modules that the header has sections for, in its order.
fn modules() -> Vec<String> {
    let library = std::fs::read_to_string(source("lib.rs")).unwrap();
    library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

fn header() -> String {
    let sections: String = modules().iter().map(|module| section(module)).collect();
    let rules = module_comment(&source("lib.rs"));
    let rules: String = rules.lines().map(|line| format!(" * {line}").trim_end().to_owned() + "\n").collect();
    format!(
        "/* atmn.h - libatmn for C. Generated by `make generate`; do not edit.\n *\n{rules} */\n\n\
         #ifndef ATMN_H\n#define ATMN_H\n\n#include <stddef.h>\n#include <stdint.h>\n\n\
         {MUST_USE}\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n{sections}\
         #ifdef __cplusplus\n}}\n#endif\n\n#endif\n"
    )
}

/// What compiled programs depend on, in one line each: numbers, types and functions.
fn abi(header: &str) -> String {
    let numbers = header.lines().filter(|line| {
        let is_number = line.rsplit(' ').next().is_some_and(|value| value.parse::<i32>().is_ok());
        line.starts_with("#define ATMN_") && is_number
    });
    let declarations = declarations(header).into_iter().map(|text| text.replace("ATMN_MUST_USE ", ""));
    let mut lines: Vec<String> = numbers.map(str::to_owned).chain(declarations).collect();
    lines.sort();
    lines.join("\n") + "\n"
}

/// Compares a file of the repository, or writes it.
fn check(name: &str, fresh: &str) {
    let path = repository().join(name);
    if std::env::var_os("ATMN_GENERATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, fresh).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap_or_default() == fresh, "{name}: run `make generate`");
}

/// The man pages of the committed header, by their file names.
fn man_pages() -> std::collections::BTreeMap<String, String> {
    let modules = modules();
    man::pages(&header(), &modules.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The names that a man page describes.
fn described(page: &str) -> Vec<String> {
    let names = page.split(".SH NAME\n").nth(1).unwrap().split(" \\- ").next().unwrap();
    names.split(',').map(|name| name.trim().replace("\\-", "-")).collect()
}

#[test]
fn generated_header_is_up_to_date() {
    let fresh = header();
    for line in fresh.lines() {
        assert!(line.chars().count() <= WIDTH, "too long: {line}");
    }
    check("include/atmn.h", &fresh);
}

#[test]
fn generated_abi_is_up_to_date() {
    let fresh = abi(&header());
    assert!(fresh.lines().count() > 300, "only a part of the header was read:\n{fresh}");
    check("include/atmn.abi", &fresh);
}

#[test]
fn generated_man_pages_are_up_to_date() {
    let pages = man_pages();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    pages.iter().for_each(|(name, page)| check(&format!("bindings/c/man/{name}"), page));
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(pages.contains_key(&name), "bindings/c/man/{name} is no longer generated: delete it");
    }
}

#[test]
fn each_function_and_type_is_on_one_man_page() {
    let pages = man_pages();
    let mut described: Vec<String> = pages.values().flat_map(|page| described(page)).collect();
    described.sort();
    let before = described.len();
    described.dedup();
    assert_eq!(described.len(), before, "a name is on two pages");
    for function in functions() {
        let page = pages.values().find(|page| page.contains(&format!("\n.SS {}\n", function.name)));
        assert!(page.is_some() && described.contains(&function.name), "{} has no man page", function.name);
    }
    for name in
        declarations(&header()).iter().filter_map(|text| text.strip_prefix("typedef struct ")?.split(' ').next())
    {
        assert!(described.iter().any(|other| other == name), "{name} has no man page");
    }
}

/// The pages have no date, because the same sources make the same files.
#[test]
fn man_pages_have_no_mistakes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let pages = man_pages();
    let output = Command::new("mandoc").args(["-Tlint", "-Wwarning"]).args(pages.keys()).current_dir(folder).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let mistakes: Vec<&str> = text.lines().filter(|line| !line.contains("missing date")).collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}
