//! include/atmn.h is generated from this crate's sources and committed: `make generate` writes it, this compares it.
//!
//! cbindgen reads each module by itself, so that the header has a section for each, in the order of `src/lib.rs`, with
//! types, numbers and functions together. The codes come from the core's own enums.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use atmn_tests::repository;
use cbindgen::{Builder, Config, Language, RenameRule, Style};

const WIDTH: usize = 120;

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}

/// What cbindgen makes of a file: comments with what they belong to, in its order.
fn items(file: &Path, exported: &[&str]) -> Vec<String> {
    let mut config = Config {
        language: Language::C,
        style: Style::Type,
        no_includes: true,
        line_length: WIDTH,
        ..Config::default()
    };
    config.usize_is_size_t = true;
    config.enumeration.prefix_with_name = true;
    config.enumeration.rename_variants = RenameRule::ScreamingSnakeCase;
    config.export.include = exported.iter().map(|&name| name.to_owned()).collect();
    config.export.rename =
        [("ErrorCode", "ATMN"), ("EventCode", "ATMN_EVENT")].map(|(a, b)| (a.into(), b.into())).into();
    let mut text = Vec::new();
    Builder::new().with_config(config).with_src(file).generate().unwrap().write(&mut text);
    let text = String::from_utf8(text).unwrap();
    text.split("\n\n").map(|item| item.trim_matches('\n').to_owned()).filter(|item| !item.is_empty()).collect()
}

/// An enum of the core's as macros: C has no enumeration of a certain size, and `#ifdef` can ask for a macro.
fn numbers(file: &str, name: &str) -> Vec<String> {
    let items = items(&repository().join(file), &[name]);
    let body = items.iter().find_map(|item| item.split_once(" {\n")).expect("an enum").1;
    let mut numbers = Vec::new();
    let mut comment = String::new();
    for line in body.lines().take_while(|line| *line != "};").map(|line| line.strip_prefix("  ").unwrap()) {
        match line.strip_suffix(',').and_then(|line| line.split_once(" = ")) {
            Some((name, number)) => {
                numbers.push(format!("{comment}#define {name} {number}"));
                comment.clear();
            }
            None => comment = comment + line + "\n",
        }
    }
    numbers
}

/// A comment of one line takes one line.
fn compact(item: &str) -> String {
    let Some((comment, rest)) = item.split_once("\n */\n") else { return item.to_owned() };
    match comment.strip_prefix("/**\n * ").filter(|text| !text.contains('\n') && text.len() + 7 <= WIDTH) {
        Some(text) => format!("/** {text} */\n{rest}"),
        None => item.to_owned(),
    }
}

/// A type's numbers stand below it, without blank lines.
fn with_numbers(items: Vec<String>) -> Vec<String> {
    let is_number = |item: &String| item.contains("#define ");
    let (numbers, others): (Vec<String>, Vec<String>) =
        items.into_iter().map(|item| compact(&item)).partition(is_number);
    let mut left: Vec<String> = numbers;
    let mut grouped = Vec::new();
    for mut item in others {
        if let Some(name) = item.strip_suffix(';').and_then(|item| item.rsplit_once("typedef int32_t "))
            && !name.1.contains('(')
        {
            let mark = match name.1 {
                "atmn_code" => "#define ATMN_".to_owned(),
                name => format!("#define {}_", name.to_uppercase()),
            };
            let (own, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|number| number.contains(&mark));
            left = others;
            for number in own {
                item = item + "\n" + &number;
            }
        }
        grouped.push(item);
    }
    // Numbers whose type has no name of its own come first.
    let rest = (!left.is_empty()).then(|| left.join("\n"));
    rest.into_iter().chain(grouped).collect()
}

/// The text of a file's `//!` lines, without the marks for bold type.
fn front_page(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| plain(line.strip_prefix(' ').unwrap_or(line)) + "\n").collect()
}

/// What stands between backquotes is C, and stays.
fn plain(line: &str) -> String {
    let parts = line.split('`').enumerate();
    parts
        .map(|(index, part)| if index % 2 == 0 { part.replace("**", "") } else { part.to_owned() })
        .collect::<Vec<_>>()
        .join("`")
}

/// The modules that make sections.
fn sections() -> Vec<String> {
    let text = std::fs::read_to_string(source("lib.rs")).unwrap();
    text.lines().filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned())).collect()
}

fn section(module: &str) -> String {
    let file = source(&format!("{module}.rs"));
    let callbacks: &[&str] = match module {
        "event" => &["atmn_event_callback"],
        "authenticate" => &["atmn_verify_callback"],
        _ => &[],
    };
    let mut items = items(&file, callbacks);
    match module {
        "error" => items.extend(numbers("core/src/error.rs", "ErrorCode")),
        "event" => items.extend(numbers("core/src/event.rs", "EventCode")),
        _ => {}
    }
    let title = front_page(&file).trim().trim_end_matches('.').to_owned();
    let line = "-".repeat(WIDTH - 12 - title.len());
    format!("/* ---- {title} {line} */\n\n{}\n\n", with_numbers(items).join("\n\n"))
}

fn header() -> String {
    let rules: String =
        front_page(&source("lib.rs")).lines().map(|line| format!(" * {line}").trim_end().to_owned() + "\n").collect();
    let sections: String = sections().iter().map(|module| section(module)).collect();
    format!(
        "/* atmn.h - the C face of libatmn. Written by `make generate`; do not edit.\n *\n{rules} */\n\n\
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
    assert!(std::fs::read_to_string(path).unwrap_or_default() == fresh, "include/atmn.h: run `make generate`");
}

/// The header is written by reading sources; this asks the core itself.
#[test]
fn every_code_of_the_core_is_in_the_header() {
    let header = header();
    let defined: BTreeSet<&str> = header.lines().filter_map(|line| line.strip_prefix("#define ")).collect();
    for code in libatmn::ErrorCode::ALL {
        let line = format!("ATMN_{} {}", code.name().to_uppercase(), code.number());
        assert!(defined.contains(line.as_str()), "{line}");
    }
    for code in libatmn::EventCode::ALL {
        let line = format!("ATMN_EVENT_{} {}", code.name().to_uppercase(), code.number());
        assert!(defined.contains(line.as_str()), "{line}");
    }
}

#[test]
fn every_declaration_has_a_comment_and_fits_the_page() {
    let header = header();
    for line in header.lines() {
        assert!(line.chars().count() <= WIDTH, "too long: {line}");
    }
    let body = header.split("extern \"C\"").nth(1).unwrap();
    for item in body.split("\n\n").filter(|item| item.contains(';') || item.contains("#define")) {
        assert!(item.starts_with("/**"), "says nothing: {item}");
    }
}

/// All blocks are in one file, where each has its reason; elsewhere the word stands before exported names only.
#[test]
fn unsafe_blocks_are_in_one_file() {
    let mut files = 0;
    for entry in std::fs::read_dir(source("")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let others = code.filter(|line| {
            line.contains("unsafe") && !line.contains("#[unsafe(no_mangle)]") && !line.starts_with("#![")
        });
        let alone = path.file_name().is_some_and(|name| name == "pointer.rs");
        assert!(alone != (others.count() == 0), "{}", path.display());
        files += 1;
    }
    assert!(files > 10);
}
