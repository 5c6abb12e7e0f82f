//! Traefik's access log in JSON, which tells the time at the origin.
//!
//! Only the fields that decide something are read, under the names that Traefik's documentation
//! of access logs gives them; a line without them is not one of its lines.

use super::calendar::{days_since_1970, number};
use super::json_lines::ORIGIN_MS_MAX;
use super::request::{RecordedRequest, Sender, Shown, Text};
use seawall_wire::h1::{HeadFault, check_request_line};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields<'a> {
    #[serde(rename = "StartUTC", borrow)]
    start: Text<'a>,
    #[serde(borrow)]
    client_host: Text<'a>,
    #[serde(borrow)]
    request_method: Text<'a>,
    #[serde(borrow)]
    request_path: Text<'a>,
    #[serde(borrow)]
    request_host: Option<Text<'a>>,
    /// Nanoseconds.
    origin_duration: Option<u64>,
}

/// Reads one line; none when it is no line of that log.
#[expect(clippy::cast_precision_loss, reason = "durations of requests, far below 2^53 ns")]
pub(super) fn read(line: &[u8]) -> Option<RecordedRequest<'_>> {
    let fields: Fields<'_> = serde_json::from_slice(line).ok()?;
    let origin_ms = fields.origin_duration.map(|nanoseconds| nanoseconds as f64 / 1e6);
    if origin_ms.is_some_and(|ms| ms > ORIGIN_MS_MAX) {
        return None;
    }
    let line = format!("{} {} HTTP/1.1", &*fields.request_method, &*fields.request_path);
    Some(RecordedRequest {
        t: seconds(fields.start.as_bytes())?,
        source: fields.client_host.parse().ok()?,
        platform: None,
        host: fields.request_host,
        method: Some(fields.request_method),
        path: fields.request_path,
        origin_ms,
        cache: None,
        fault: check_request_line(line.as_bytes()).err().map(HeadFault::reason),
        shown: Shown::default(),
        sender: Sender::default(),
    })
}

/// Seconds since 1970 of `2021-12-08T14:02:43.464763557Z` (RFC 3339, in UTC).
#[expect(clippy::cast_precision_loss, reason = "seconds of four-digit years")]
fn seconds(text: &[u8]) -> Option<f64> {
    let text = text.strip_suffix(b"Z")?;
    let (whole, fraction) = text.split_at_checked("2021-12-08T14:02:43".len())?;
    let punctuation = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if punctuation.iter().any(|(place, byte)| whole[*place] != *byte) {
        return None;
    }
    let part = |from: usize, to: usize| number(&whole[from..to]);
    let month = part(5, 7).filter(|month| (1..=12).contains(month))?;
    let days = days_since_1970(part(0, 4)?, month, part(8, 10)?);
    let seconds = days * 86_400 + part(11, 13)? * 3_600 + part(14, 16)? * 60 + part(17, 19)?;
    let fraction = match fraction {
        [] => 0.0,
        [b'.', digits @ ..] if digits.len() <= 9 => {
            let scale = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9][digits.len()];
            number(digits)? as f64 / scale
        }
        _ => return None,
    };
    Some(seconds as f64 + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"ClientAddr":"192.0.2.1:39490","ClientHost":"192.0.2.1","DownstreamStatus":404,"OriginDuration":2500000,"RequestHost":"www.example.org","RequestMethod":"GET","RequestPath":"/a","RequestProtocol":"HTTP/1.1","StartUTC":"2021-12-08T14:02:43.5Z"}"#;

    #[test]
    fn a_line_is_read_with_its_time_at_the_origin() {
        let request = read(LINE.as_bytes()).unwrap();
        assert_eq!((request.t, request.origin_ms), (1_638_972_163.5, Some(2.5)));
        assert_eq!(request.source.to_string(), "192.0.2.1");
        assert_eq!((&*request.path, request.host.as_deref()), ("/a", Some("www.example.org")));
        assert_eq!(request.fault, None);
    }

    #[test]
    fn what_lacks_a_field_or_a_time_is_no_line_of_it() {
        for (from, to) in [("RequestPath", "Path"), ("43.5Z", "43.5"), ("2021-12", "2021-13")] {
            assert_eq!(read(LINE.replace(from, to).as_bytes()), None);
        }
        let odd = LINE.replace("\"/a\"", "\"/a#b\"");
        assert_eq!(read(odd.as_bytes()).unwrap().fault, Some(seawall_types::Reason::Ambiguous));
    }
}
