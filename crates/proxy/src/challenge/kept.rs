//! What a visitor sent with a form that was answered with a page: kept in the page, and sent again.
//!
//! Only what a browser writes and can write again: `application/x-www-form-urlencoded`.
//! Bounds: [`KEPT_MAX`] bytes are read within [`READ_WITHIN`], [`FORM_MAX`] bytes stand in the page; a
//! visitor whose form is larger is told to send it again.

use super::desk::leads_home;
use crate::answer::Refusal;
use crate::core::Core;
use crate::incoming::Incoming;
use crate::pages::push_escaped;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use seawall_types::Verdict;
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

/// Bytes of a form as they come.
pub(crate) const KEPT_MAX: usize = 3 * 1024;
/// Bytes of a form as they stand in the page.
pub(super) const FORM_MAX: usize = 2 * 1024;
/// How long a small body may take.
const READ_WITHIN: Duration = Duration::from_secs(10);

/// What became of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// There was none.
    Nothing,
    /// Its fields, in their order.
    Fields(Vec<(String, String)>),
    /// There was one that cannot be kept.
    Lost,
}

/// Whether a request that is answered with a page brings something to keep.
pub(crate) fn keeps(refusal: &Refusal, request: &Request<Incoming>) -> bool {
    refusal.verdict == Verdict::Challenge && *request.method() == Method::POST
}

/// Reads what there is to keep.
pub(crate) async fn keep(core: &Rc<Core>, request: &mut Request<Incoming>) -> Kept {
    let is_form = request.headers().get(CONTENT_TYPE).is_some_and(|value| {
        let bare = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        bare.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    });
    if !is_form {
        return Kept::Lost;
    }
    match read(core, request, KEPT_MAX).await {
        Some(body) => fields(&body).map_or(Kept::Lost, Kept::Fields),
        None => Kept::Lost,
    }
}

/// A body of at most `most` bytes; none when it is larger, breaks off or takes too long.
pub(crate) async fn read(
    core: &Rc<Core>,
    request: &mut Request<Incoming>,
    most: usize,
) -> Option<Vec<u8>> {
    let body = request.body_mut();
    let reading = async {
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.ok()?.into_data() {
                if bytes.len() + data.len() > most {
                    return None;
                }
                bytes.extend_from_slice(&data);
            }
        }
        Some(bytes)
    };
    core.watchlist().until(core.now() + READ_WITHIN, reading).await.ok().flatten()
}

/// The fields of a form; none when it holds what is no text.
fn fields(body: &[u8]) -> Option<Vec<(String, String)>> {
    let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    let field = |pair: &[u8]| {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let value = pair.get(at + 1..).unwrap_or_default();
        Some((decoded(&pair[..at], Plus::IsSpace)?, decoded(value, Plus::IsSpace)?))
    };
    pairs.map(field).collect()
}

/// What a plus stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plus {
    /// In forms.
    IsSpace,
    /// In base64.
    IsPlus,
}

/// Percent-encoded text, decoded; none where it is no text.
pub(super) fn decoded(text: &[u8], plus: Plus) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (b'+', _) if plus == Plus::IsSpace => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let value = digit(high)? * 16 + digit(low)?;
                bytes.push(u8::try_from(value).ok()?);
                rest = after;
            }
            (b'%', _) => return None,
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Appends text so that it can stand in a query.
pub(super) fn push_encoded(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// Appends the form that sends everything again; false when there is something that it does not
/// hold.
pub(super) fn push_form(out: &mut String, target: &str, kept: &Kept) -> bool {
    let fields = match kept {
        Kept::Nothing => return true,
        Kept::Lost => return false,
        // Sent to another host, or to us, it would not be what the visitor sent.
        Kept::Fields(_) if !leads_home(target) => return false,
        Kept::Fields(fields) => fields,
    };
    let mut form = String::from(r#"<form method="post" accept-charset="utf-8" hidden action=""#);
    push_escaped(&mut form, target);
    form.push_str("\">");
    for (name, value) in fields {
        form.push_str(r#"<input type="hidden" name=""#);
        push_value(&mut form, name);
        form.push_str(r#"" value=""#);
        push_value(&mut form, value);
        form.push_str("\">");
        if form.len() > FORM_MAX {
            return false;
        }
    }
    form.push_str("</form>");
    out.push_str(&form);
    true
}

/// A value whose line ends survive: a reader of HTML would change them.
fn push_value(out: &mut String, value: &str) {
    for piece in value.split_inclusive(['\r', '\n']) {
        let text = piece.trim_end_matches(['\r', '\n']);
        push_escaped(out, text);
        out.push_str(match &piece[text.len()..] {
            "\r" => "&#13;",
            "\n" => "&#10;",
            _ => "",
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_kept_with_every_field_in_its_order() {
        let body = b"name=J%C3%BCrgen+M&note=a%0D%0Ab&empty=&bare&x=%22%3E%3Cb%3E&x=2";
        let fields = fields(body).unwrap();
        let mut out = String::new();
        assert!(push_form(&mut out, "/give?a=1&b=2", &Kept::Fields(fields)));
        let expected = concat!(
            r#"<form method="post" accept-charset="utf-8" hidden action="/give?a=1&amp;b=2">"#,
            r#"<input type="hidden" name="name" value="Jürgen M">"#,
            r#"<input type="hidden" name="note" value="a&#13;&#10;b">"#,
            r#"<input type="hidden" name="empty" value="">"#,
            r#"<input type="hidden" name="bare" value="">"#,
            r#"<input type="hidden" name="x" value="&quot;&gt;&lt;b&gt;">"#,
            r#"<input type="hidden" name="x" value="2">"#,
            "</form>"
        );
        assert_eq!(out, expected);
    }

    #[test]
    fn what_is_no_text_or_too_large_for_the_page_is_lost_and_said_so() {
        assert_eq!(fields(b"a=%FF"), None);
        assert_eq!(fields(b"a=%4"), None);
        let large = Kept::Fields(vec![("a".to_owned(), "\"".repeat(FORM_MAX / 6))]);
        let mut out = String::new();
        assert!(!push_form(&mut out, "/", &large) && out.is_empty());
        assert!(!push_form(&mut out, "/", &Kept::Lost));
        assert!(push_form(&mut out, "/", &Kept::Nothing) && out.is_empty());
    }
}
