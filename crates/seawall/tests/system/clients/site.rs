//! A page with everything that a page loads, which tells the origin what its browser made of it.

/// Pictures of the page, all of them different.
const PICTURES: usize = 12;

/// What stands at `path`, with its type.
pub(super) fn file(path: &str) -> Option<(&'static str, Vec<u8>)> {
    let name = path.strip_prefix("/site/")?;
    if let Some(nth) = name.strip_prefix("picture-").and_then(|name| name.strip_suffix(".svg")) {
        let width = 10 + nth.parse::<usize>().ok()?;
        let picture = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"5\"><rect \
             width=\"{width}\" height=\"5\" fill=\"teal\"/></svg>"
        );
        return Some(("image/svg+xml", picture.into_bytes()));
    }
    Some(match name {
        "" => ("text/html; charset=utf-8", page().into_bytes()),
        "style.css" => ("text/css", "h1 { color: rgb(1, 2, 3); }".into()),
        "script.js" => ("text/javascript", "window.scripted = 'by the script';".into()),
        "module.js" => ("text/javascript", "export const word = 'of the module';".into()),
        "inner.html" => ("text/html", "<p id='inner'>inner page</p>".into()),
        "large" => ("text/plain", "0123456789abcdef".repeat(16 * 1024).into_bytes()),
        _ => return None,
    })
}

fn page() -> String {
    let pictures: Vec<String> =
        (0..PICTURES).map(|nth| format!("<img src='picture-{nth}.svg' alt=''>")).collect();
    let pictures = pictures.concat();
    format!(
        "<!doctype html><html><head><title>A site</title><link rel='icon' href='data:,'>\
         <link rel='stylesheet' href='style.css'><script src='script.js'></script></head>\
         <body><h1>Überschrift</h1>{pictures}<iframe src='inner.html'></iframe>\
         <script>{REPORT}</script></body></html>"
    )
}

/// Asks for every shape that a script can, and reports what came.
const REPORT: &str = include_str!("scripts/site.js");
