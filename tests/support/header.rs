//! The functions that `include/atmn.h` declares.

use crate::repository;

/// A function of the header.
pub struct Function {
    /// What it returns, such as `const char *`.
    pub result: String,
    /// Its name, which begins with `atmn_`.
    pub name: String,
    /// Types and names.
    pub parameters: Vec<(String, String)>,
}

impl Function {
    /// Reads a declaration.
    fn parse(declaration: &str) -> Option<Self> {
        let declaration = declaration.strip_prefix("ATMN_MUST_USE ").unwrap_or(declaration);
        let (head, parameters) = declaration.strip_suffix(')')?.split_once('(')?;
        let (result, name) = split_name(head);
        let parameters = parameters.split(", ").filter(|part| *part != "void").map(split_name).collect();
        name.starts_with("atmn_").then_some(Self { result, name, parameters })
    }
}

/// Splits `const char *name` before the name.
fn split_name(text: &str) -> (String, String) {
    let at = text.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |index| index + 1);
    (text[..at].to_owned(), text[at..].to_owned())
}

/// The text of the header.
#[must_use]
pub fn text() -> String {
    std::fs::read_to_string(repository().join("include/atmn.h")).unwrap()
}

/// The text without comments.
fn without_comments(header: &str) -> String {
    let after = |(index, part): (usize, &'_ str)| match index {
        0 => part.to_owned(),
        _ => part.split_once("*/").unwrap().1.to_owned(),
    };
    header.split("/*").enumerate().map(after).collect()
}

/// The types and functions that a header declares, each in one line, without the semicolon.
#[must_use]
pub fn declarations(header: &str) -> Vec<String> {
    let code = without_comments(header);
    let lines: Vec<&str> = code.lines().filter(|line| !line.starts_with('#')).collect();
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let declarations = lines.join("\n");
    let declarations = declarations.split(';').map(one_line).filter(|text| text.contains("atmn_"));
    declarations.map(|text| text.trim_start_matches("extern \"C\" { ").to_owned()).collect()
}

/// The functions of the header.
#[must_use]
pub fn functions() -> Vec<Function> {
    let declarations = declarations(&text());
    let functions = declarations.iter().filter(|text| !text.starts_with("typedef"));
    let functions: Vec<Function> = functions.filter_map(|text| Function::parse(text)).collect();
    assert!(functions.len() > 100, "only {} functions were read from the header", functions.len());
    functions
}
