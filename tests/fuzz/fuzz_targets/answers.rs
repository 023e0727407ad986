//! Any response of a server: messages about it contain no secret and no control character.
#![no_main]

use libatmn::__internal::api::{failure, read_organization};
use libatmn::{ApiResponse, Server};
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "planted0123456789";

fuzz_target!(|bytes: &[u8]| {
    let (choice, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let text = String::from_utf8_lossy(rest);
    let quoted = text.replace(['"', '\\'], "").replace(|c: char| c < ' ', "\\u001b");
    let body = match choice % 4 {
        0 => rest.to_vec(),
        1 => format!(r#"{{"message":"{quoted}","code":"{quoted}","env":"live"}}"#).into_bytes(),
        2 => format!(r#"{{"message":"{SECRET}{quoted}","code":"{quoted}{SECRET}"}}"#).into_bytes(),
        _ => format!(r#"{{"name":"{quoted}","slug":"{SECRET}{quoted}","id":"{quoted}"}}"#).into_bytes(),
    };
    let headers = vec![("x-request-id".to_owned(), format!("{text}{SECRET}"))];
    let response = ApiResponse { status: 200 + u16::from(*choice), headers, body };
    let error = failure(&Server::Cloud, &response, &[SECRET]);
    let organization = read_organization(&response, SECRET);
    let printed = format!("{} {:?} {:?} {response:?}", error.message, error.hint, error.context);
    let named = organization.map(|found| format!("{} {} {:?}", found.name, found.slug, found.id)).unwrap_or_default();
    for text in [printed, named] {
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.contains(char::is_control), "{text:?}");
    }
});
