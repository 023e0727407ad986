//! A program that calls every function of the header with NULL and zero for all parameters. It is made from the header, so
//! that no function is left out.

use std::fmt::Write as _;

use atmn_tests::header::{Function, functions};
use atmn_tests::repository;

use crate::build::{Checker, Linked, Program, STRICT};
use crate::run::World;

/// The calls of a function with NULL and zero.
struct NullCall(Function);

impl NullCall {
    /// The call with NULL and zero. If the function reports errors, it stores one in `error`.
    fn call(&self) -> String {
        let argument = |(kind, name): &(String, String)| {
            if is_out_error(kind, name) { "&error".to_owned() } else { format!("({kind})0") }
        };
        format!("{}({})", self.0.name, self.0.parameters.iter().map(argument).collect::<Vec<_>>().join(", "))
    }

    fn has_out(&self) -> bool {
        self.0.parameters.iter().any(|(_, name)| name == "out")
    }

    fn has_out_error(&self) -> bool {
        self.0.parameters.iter().any(|(kind, name)| is_out_error(kind, name))
    }

    /// Whether it takes no pointer, as the functions for names of numbers.
    fn takes_numbers_only(&self) -> bool {
        !self.0.parameters.iter().any(|(kind, _)| kind.contains('*') || kind.trim().ends_with("callback"))
    }

    /// The call, and what must be true of its result.
    fn check(&self) -> String {
        let call = self.call();
        match self.0.result.trim() {
            "void" => format!("{call};"),
            // Checked first, so that no work is done whose result would be lost.
            _ if self.has_out_error() && self.has_out() => format!("FAILS(ATMN_NULL_ARGUMENT, \"out\", {call});"),
            _ if self.has_out_error() => format!("FAILS(ATMN_NULL_ARGUMENT, NULL, {call});"),
            _ if self.0.name.ends_with("_new") => format!("{}_free({call});", self.0.name.trim_end_matches("_new")),
            _ if self.takes_numbers_only() => format!("(void){call};"),
            _ if self.0.name.ends_with("_fd") || self.0.name.ends_with("_timeout_ms") => {
                format!("CHECK({call} == -1);")
            }
            _ => format!("CHECK(!{call});"),
        }
    }
}

/// Whether this is the parameter through which a function reports an error.
fn is_out_error(kind: &str, name: &str) -> bool {
    name == "error" && kind.contains("**")
}

#[test]
fn every_function_accepts_null() {
    let mut source = "#include \"check.h\"\n\nint main(void)\n{\n".to_owned();
    for function in functions() {
        writeln!(source, "    {}", NullCall(function).check()).unwrap();
    }
    source += "    CHECK(atmn_resolve_key(NULL, NULL, NULL) == ATMN_NULL_ARGUMENT); /* no error object */\n    return 0;\n}\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("null.c");
    std::fs::write(&file, &source).unwrap();
    let tests = repository().join("bindings/c/tests/c");
    let include = format!("-I{}", tests.display());
    let files = [file, tests.join("check.c"), tests.join("web.c")];
    for checker in [Checker::Sanitizers, Checker::Valgrind] {
        let mut flags = [STRICT, &[include.as_str()]].concat();
        let (compiler, linked) = match checker {
            Checker::Sanitizers => ("clang", Linked::Statically),
            _ => ("gcc", Linked::Dynamically),
        };
        if checker == Checker::Sanitizers {
            flags.extend(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
        }
        let program = Program::compile(compiler, &flags, &files, linked, checker);
        World::new().run(&program).expect_success("null");
    }
}
