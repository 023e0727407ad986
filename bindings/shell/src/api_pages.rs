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
    /// A text or a number.
    Cursor(Value),
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
        let first = cursor.map_or_else(|| Position::Offset(offset()), |cursor| Position::Cursor(cursor.into()));
        Self { requested: vec![first], last: Vec::new() }
    }

    /// Changes the request into that of the page after this one. `false` if it is the last one, or no page of a list.
    ///
    /// # Errors
    /// `response_unreadable`: the list would have no end, or a page after the first is none.
    pub(crate) fn advance(&mut self, request: &mut ApiRequest, page: Vec<u8>) -> Result<bool> {
        let Some(content) = list_page(&page) else {
            return if self.requested.len() > 1 {
                Err(unreadable("The next page of the list is no list."))
            } else {
                Ok(false)
            };
        };
        let Some(next) = self.after(&content) else { return Ok(false) };
        if self.requested.contains(&next) || self.last == page {
            return Err(unreadable(
                "The server repeats a page of the list, or sends an empty one, so that it has no end.",
            ));
        }
        set(request, &next);
        self.requested.push(next);
        self.last = page;
        Ok(true)
    }

    /// Where the page after this one begins, if the server says that there is one.
    fn after(&self, page: &Value) -> Option<Position> {
        let length = u64::try_from(page.get("list")?.as_array()?.len()).ok()?;
        let has_more = page.get("has_more").and_then(Value::as_bool);
        let is_cursor = |cursor: &&Value| cursor.is_number() || cursor.as_str().is_some_and(|text| !text.is_empty());
        let cursor = page.get("next_cursor").filter(is_cursor).cloned();
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

/// A response that is a page of a list.
fn list_page(page: &[u8]) -> Option<Value> {
    serde_json::from_slice(page).ok().filter(|page: &Value| page.get("list").is_some_and(Value::is_array))
}

fn unreadable(message: &str) -> Error {
    let hint = "The pages before it are on stdout. Contact the server's operator.";
    Error::new(ErrorCode::ResponseUnreadable, message).with_hint(hint)
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
    let (name, other, value) = match position {
        Position::Offset(offset) => (OFFSET, CURSOR, Value::from(*offset)),
        Position::Cursor(cursor) => (CURSOR, OFFSET, cursor.clone()),
    };
    if is_in_body(request) {
        let mut body = members(request.body.as_deref()).unwrap_or_default();
        body.remove(other);
        body.insert(name.to_owned(), value);
        request.body = Some(Value::Object(body).to_string().into_bytes());
    } else {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        request.query.retain(|(known, _)| known != name && known != other);
        request.query.push((name.to_owned(), text));
    }
}
