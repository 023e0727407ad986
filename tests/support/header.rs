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
        let declaration = declaration.split_whitespace().collect::<Vec<_>>().join(" ");
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

/// The functions of the header.
#[must_use]
pub fn functions() -> Vec<Function> {
    let header = text();
    let mut code = String::new();
    for (index, part) in header.split("/*").enumerate() {
        code += if index == 0 { part } else { part.split_once("*/").unwrap().1 };
    }
    let lines: Vec<&str> = code.lines().filter(|line| !line.starts_with('#')).collect();
    let declarations = lines.join("\n");
    let functions = declarations.split(';').filter(|text| !text.contains("typedef")).filter_map(Function::parse);
    let functions: Vec<Function> = functions.collect();
    assert!(functions.len() > 100, "only {} functions were read from the header", functions.len());
    functions
}
