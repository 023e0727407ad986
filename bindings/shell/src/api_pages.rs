//! The pages of `atmn api --paginate`.
//!
//! Lists of the API have two forms: one takes `offset`, and answers with `offset` and `has_more`; the other takes
//! `start_cursor`, and answers with `next_cursor`. The parameter is in the query of a GET and in the body of a POST.

use libatmn::{ApiRequest, Error, ErrorCode, Result};
use serde_json::{Map, Value};

const OFFSET: &str = "offset";
const CURSOR: &str = "start_cursor";

/// The parameters that `--paginate` sets.
pub(crate) const PARAMETERS: [&str; 2] = [OFFSET, CURSOR];

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Position {
    Offset(u64),
    Cursor(String),
}

/// The pages that were requested.
pub(crate) struct ListPages {
    requested: Vec<Position>,
    /// The last page as the server sent it.
    last: Vec<u8>,
}

impl ListPages {
    /// The first page.
    pub(crate) fn new(request: &ApiRequest) -> Self {
        let cursor = parameter(request, CURSOR).filter(|cursor| !cursor.is_empty());
        let offset = || parameter(request, OFFSET).and_then(|text| text.parse().ok()).unwrap_or_default();
        let first = cursor.map_or_else(|| Position::Offset(offset()), Position::Cursor);
        Self { requested: vec![first], last: Vec::new() }
    }

    /// Changes the request into that of the page after this one. `false` if it is the last one, or no page of a list.
    ///
    /// # Errors
    /// `response_unreadable`: the server repeats a page, so that there would be no last one.
    pub(crate) fn advance(&mut self, request: &mut ApiRequest, page: Vec<u8>) -> Result<bool> {
        let Some(next) = self.after(&page) else { return Ok(false) };
        if self.requested.contains(&next) || self.last == page {
            return Err(Error::new(
                ErrorCode::ResponseUnreadable,
                "The server repeats a page of the list, so that the list has no end.",
            )
            .with_hint("The pages before it are on stdout. Contact the server's operator."));
        }
        set(request, &next);
        self.requested.push(next);
        self.last = page;
        Ok(true)
    }

    /// Where the page after this one begins, if the server says that there is one.
    fn after(&self, page: &[u8]) -> Option<Position> {
        let page: Value = serde_json::from_slice(page).ok()?;
        let length = u64::try_from(page.get("list")?.as_array()?.len()).ok()?;
        let has_more = page.get("has_more").and_then(Value::as_bool);
        let cursor = match page.get("next_cursor") {
            Some(Value::String(cursor)) if !cursor.is_empty() => Some(cursor.clone()),
            Some(Value::Number(cursor)) => Some(cursor.to_string()),
            _ => None,
        };
        match (has_more, cursor) {
            (Some(false), _) | (None, None) => None,
            (_, Some(cursor)) => Some(Position::Cursor(cursor)),
            (Some(true), None) => {
                let offset = page.get(OFFSET).and_then(Value::as_u64).unwrap_or_else(|| self.offset());
                Some(Position::Offset(offset.saturating_add(length)))
            }
        }
    }

    /// The offset that was sent last.
    fn offset(&self) -> u64 {
        match self.requested.last() {
            Some(Position::Offset(offset)) => *offset,
            Some(Position::Cursor(_)) | None => 0,
        }
    }
}

/// Whether the parameters of a request are in its body.
fn is_in_body(request: &ApiRequest) -> bool {
    request.method.eq_ignore_ascii_case("POST")
}

/// The members of the body; none if there is no body. `None` if the body is no JSON object.
pub(crate) fn members(body: Option<&[u8]>) -> Option<Map<String, Value>> {
    body.map_or_else(|| Some(Map::new()), |body| serde_json::from_slice(body).ok())
}

fn parameter(request: &ApiRequest, name: &str) -> Option<String> {
    if is_in_body(request) {
        return match members(request.body.as_deref())?.remove(name)? {
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        };
    }
    request.query.iter().rev().find(|(known, _)| known == name).map(|(_, text)| text.clone())
}

fn set(request: &mut ApiRequest, position: &Position) {
    let (name, value) = match position {
        Position::Offset(offset) => (OFFSET, Value::from(*offset)),
        Position::Cursor(cursor) => (CURSOR, Value::from(cursor.as_str())),
    };
    if is_in_body(request) {
        let mut body = members(request.body.as_deref()).unwrap_or_default();
        body.insert(name.to_owned(), value);
        request.body = Some(Value::Object(body).to_string().into_bytes());
    } else {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        request.query.retain(|(known, _)| known != name);
        request.query.push((name.to_owned(), text));
    }
}
