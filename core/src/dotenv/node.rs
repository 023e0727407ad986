//! Node's parser on text of several lines. It knows no escaped quotes, so it may end a value in the middle.

/// Whether the parser is within a name at the end of the text, so that the next line is a part of this name.
pub(super) fn leaves_name_open(text: &[u8]) -> bool {
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return false,
            [b'\n' | b'\r', rest @ ..] => rest,
            [b'#', ..] => from_line_end(rest),
            _ => match rest.iter().position(|byte| *byte == b'=') {
                Some(equal) => after_value(&rest[equal + 1..]),
                None => return true,
            },
        }
    }
}

/// The text after a value, from the end of its last line.
fn after_value(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(text.len());
    let value = &text[start..];
    let close = match value {
        [quote @ (b'"' | b'\'' | b'`'), rest @ ..] => rest.iter().position(|byte| byte == quote).map(|at| at + 2),
        _ => None,
    };
    from_line_end(&value[close.unwrap_or_default()..])
}

fn from_line_end(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    &text[end..]
}
