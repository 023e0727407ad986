use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::*;

const LANGUAGES: &[(&str, Language)] = &[
    ("command", Language::Command),
    ("c", Language::C),
    ("node", Language::Node),
    ("python", Language::Python),
    ("rust", Language::Rust),
];

/// Every hint, with each parameter that changes its sentence.
fn examples() -> Vec<Hint> {
    let text = str::to_owned;
    let option = |option, value, purpose| Hint::PassOption { option, value, purpose };
    vec![
        Hint::Text(text("Save the file as UTF-8, then try again.")),
        Hint::LogInAgain.and(Hint::IncreaseOption { option: "login_timeout" }),
        Hint::LogIn,
        Hint::ProvideKey { key: "the sandbox key" },
        Hint::LogInAgain,
        Hint::LogInThere { directory: text("/srv/shop") },
        Hint::LogInInOneStep,
        Hint::BeginLogin,
        Hint::FreePort { reserved: false },
        Hint::FreePort { reserved: true },
        Hint::ChooseOrganization { expected: text("`night-library`") },
        Hint::CheckOrganization,
        Hint::PassListener,
        Hint::ReplaceKey { server: None },
        Hint::ReplaceKey { server: Some(text("https://api.example.com")) },
        Hint::ReplaceKeyAtSource {
            location: text("AUTUMN_SECRET_KEY in the process environment"),
            variable: text("AUTUMN_SECRET_KEY"),
        },
        Hint::PassAnotherKey,
        Hint::UseSecretKey,
        Hint::CopyKey,
        Hint::WriteKey { variable: text("AUTUMN_SECRET_KEY") },
        Hint::SaveKey,
        Hint::RevealKey,
        Hint::ExplainKey,
        Hint::CreateKey { scopes: None, dashboard: None },
        Hint::CreateKey { scopes: Some(text("balances:read")), dashboard: Some(text("https://app.useautumn.com")) },
        Hint::LogInForScopes { scopes: text("customers:write") },
        Hint::DeleteKeys { dashboard: None },
        Hint::DeleteKeys { dashboard: Some(text("https://app.useautumn.com")) },
        option("environment", "live", "use the live key"),
        option("environment", "sandbox", "use the sandbox key"),
        option("gitignore", "never", "save without changing .gitignore"),
        option("allow_tracked", "true", "save the key anyway"),
        option("file", ".env.local", "save in a file of this machine"),
        option("reauth", "always", "log in automatically"),
        Hint::OmitOption { option: "login_timeout" },
        Hint::OmitOption { option: "timeout" },
        Hint::IncreaseOption { option: "login_timeout" },
        Hint::IncreaseLimit { option: "response_limit" },
        Hint::RemoveHeader { name: text("authorization") },
        Hint::StartPathWithSlash,
        Hint::WaitElsewhere,
        Hint::SetVariable { variable: text("SSL_CERT_FILE"), value: text("the path of a PEM file") },
        Hint::UnsetVariable { variable: text("ATMN_BACKEND_URL") },
        Hint::MakeTrusted,
        Hint::CheckNetwork,
        Hint::CheckUrl,
        Hint::CheckClock,
        Hint::TrustCertificate { variable: text("ATMN_EXTRA_CA_CERTS") },
        Hint::RetryIfSafe,
        Hint::RetryLater,
        Hint::ContactOperator,
        Hint::ReportBug,
    ]
}

fn rendered(hint: &Hint, login_command: Option<&str>) -> Value {
    let sentences = LANGUAGES.iter().map(|&(name, language)| {
        let caller = Caller { language, login_command: login_command.map(str::to_owned) };
        (name.to_owned(), Value::String(hint.render(&caller)))
    });
    Value::Object(sentences.collect())
}

#[test]
fn generated_hints_are_up_to_date() {
    let rows: Vec<Value> = examples()
        .iter()
        .map(|hint| {
            json!({
                "name": hint.name(),
                "hint": format!("{hint:?}"),
                "text": rendered(hint, None),
                "text_with_login_command": rendered(hint, Some("shop login")),
            })
        })
        .collect();
    let fresh = format!("{:#}\n", Value::Array(rows));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/hints.json");
    if std::env::var_os("ATMN_GENERATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), fresh, "run `make generate`");
}

#[test]
fn examples_cover_every_hint() {
    let names: BTreeSet<&str> = examples().iter().map(Hint::name).collect();
    assert_eq!(names, Hint::NAMES.iter().copied().collect());
    for hint in examples() {
        for &(_, language) in LANGUAGES {
            assert!(!hint.render(&Caller::new(language)).is_empty(), "{hint:?}");
        }
    }
}

#[test]
fn login_command_replaces_every_other_name_of_the_login() {
    for hint in examples() {
        for &(name, language) in LANGUAGES {
            let caller = Caller { language, login_command: Some("shop login".to_owned()) };
            let sentence = hint.render(&caller);
            for other in ["atmn login", "atmn_login", "begin_login", "beginLogin", "`login()`", "::login"] {
                assert!(!sentence.contains(other), "{name}: {sentence}");
            }
        }
    }
}

/// Hints about a call that the developer of the program has to change. Their code is `invalid_argument`.
fn is_for_developers(hint: &Hint) -> bool {
    matches!(
        hint,
        Hint::RevealKey
            | Hint::OmitOption { .. }
            | Hint::RemoveHeader { .. }
            | Hint::StartPathWithSlash
            | Hint::WaitElsewhere
    )
}

/// Whether a text in backticks is a function or an option, with or without a value.
fn is_of_the_library(text: &str, language: Language) -> bool {
    let name = text.split([':', '=', ' ']).next().unwrap_or_default();
    let is_option = language.names_option(name) || ["onEvent", "on_event", "listener"].contains(&name);
    is_option || text.contains("libatmn") || text.starts_with("atmn") || text.contains("()")
}

#[test]
fn hints_for_users_of_a_program_name_nothing_of_the_library() {
    for hint in examples().iter().filter(|hint| !is_for_developers(hint)) {
        for &(name, language) in LANGUAGES.iter().filter(|&&(_, language)| language != Language::Command) {
            let sentence = hint.render(&Caller { language, login_command: Some("shop login".to_owned()) });
            let mut quoted = sentence.split('`').skip(1).step_by(2);
            assert!(quoted.all(|text| !is_of_the_library(text, language)), "{name}: {sentence}");
        }
    }
}
