//! Whether a request puts a file on a platform, as its head tells.
//!
//! Looks at method, path and the kind of body; never into a body.

use http::header::CONTENT_TYPE;
use http::{Method, Request};
use seawall_types::{Upload, UseKind};

/// Ends of names that common servers run rather than give out.
const PROGRAMS: [&str; 16] = [
    ".php", ".phtml", ".phar", ".php5", ".php7", ".jsp", ".jspx", ".war", ".asp", ".aspx", ".ashx",
    ".cgi", ".pl", ".py", ".sh", ".exe",
];

/// What a request that sends something uses.
pub(super) fn of<B>(request: &Request<B>) -> Option<UseKind> {
    let (method, headers) = (request.method(), request.headers());
    let name = match method.as_str() {
        "PUT" => request.uri().path(),
        // Where to is said in a field.
        "MOVE" | "COPY" => headers.get("destination").and_then(|to| to.to_str().ok()).unwrap_or(""),
        _ => {
            let kind = headers.get(CONTENT_TYPE)?.as_bytes();
            let is_form = *method == Method::POST
                && kind
                    .get(..19)
                    .is_some_and(|kind| kind.eq_ignore_ascii_case(b"multipart/form-data"));
            return is_form.then_some(UseKind::Upload(Upload::Plain));
        }
    };
    Some(UseKind::Upload(if is_program(name) { Upload::Program } else { Upload::Plain }))
}

/// Whether a path names a program; what follows a question mark or a semicolon is no name.
fn is_program(path: &str) -> bool {
    let name = path.split(['?', ';', '#']).next().unwrap_or_default().as_bytes();
    PROGRAMS.iter().any(|end| {
        let from = name.len().saturating_sub(end.len());
        name[from..].eq_ignore_ascii_case(end.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(method: &str, path: &str, (field, value): (&str, &str)) -> Option<UseKind> {
        let request = Request::builder().method(method).uri(path).header(field, value);
        of(&request.body(()).unwrap())
    }

    #[test]
    fn a_file_is_told_by_its_method_or_its_form_and_a_program_by_its_name() {
        let (plain, program) =
            (Some(UseKind::Upload(Upload::Plain)), Some(UseKind::Upload(Upload::Program)));
        let none = ("accept", "*/*");
        for (method, path, field, seen) in [
            ("PUT", "/uploads/x.PHP", none, program),
            ("PUT", "/uploads/x.php?y=.txt", none, program),
            ("PUT", "/uploads/x.txt", none, plain),
            ("PUT", "/p", none, plain),
            ("MOVE", "/x.txt", ("destination", "https://www.example.org/x.jsp"), program),
            ("COPY", "/x.jsp", ("destination", "/x.txt"), plain),
            ("POST", "/form.php", ("content-type", "Multipart/Form-Data; boundary=a"), plain),
            ("POST", "/form.php", ("content-type", "application/json"), None),
            ("POST", "/form.php", none, None),
            ("DELETE", "/x.php", none, None),
        ] {
            assert_eq!(used(method, path, field), seen, "{method} {path} {field:?}");
        }
    }
}
