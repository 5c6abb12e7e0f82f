//! What is asked for: parameters that mean nothing, and files that are none.

/// Endings of files that never are pages.
const FILES: [&str; 34] = [
    "7z", "avif", "bmp", "bz2", "class", "css", "csv", "doc", "docx", "eot", "eps", "exe", "flac",
    "gif", "gz", "ico", "jpeg", "jpg", "js", "mjs", "mp3", "mp4", "otf", "pdf", "png", "svg",
    "ttf", "wasm", "webm", "webp", "woff", "woff2", "xls", "zip",
];

/// A target without the parameters of its query that `ignored` names; none where it has none of them.
///
/// A name is compared byte for byte and a parameter ends with `&` alone, so that what is taken out is
/// what an origin can see as one parameter at most; the rest stays byte for byte.
/// The result must be what the origin is asked for: a parameter that it sees and a key does not name
/// is how caches are poisoned.
pub fn without(target: &str, ignored: &[String]) -> Option<String> {
    let (path, query) = target.split_once('?')?;
    let is_ignored = |parameter: &&str| {
        let name = parameter.split_once('=').map_or(*parameter, |(name, _)| name);
        ignored.iter().any(|ignored| ignored == name)
    };
    if !query.split('&').any(|parameter| is_ignored(&parameter)) {
        return None;
    }
    let kept: Vec<&str> = query.split('&').filter(|parameter| !is_ignored(parameter)).collect();
    if kept.is_empty() {
        return Some(path.to_owned());
    }
    Some([path, "?", &kept.join("&")].concat())
}

/// Whether a page calls itself a file: somebody may have added the ending to have it kept.
pub fn is_disguised(target: &str, content_type: Option<&[u8]>) -> bool {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let Some((_, ending)) = path.rsplit_once('.') else { return false };
    // What servers cut off behind it.
    let ending = ending.split([';', '%', '/', '\\', '!', ',']).next().unwrap_or_default();
    if !FILES.iter().any(|file| ending.eq_ignore_ascii_case(file)) {
        return false;
    }
    let Some(told) = content_type else { return true };
    let bare = told.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let pages = ["text/html", "application/xhtml+xml", "application/json", "text/plain"];
    // A list of values may well be plain text.
    let is_text = ending.eq_ignore_ascii_case("csv") && bare == b"text/plain";
    !is_text && pages.iter().any(|page| bare.eq_ignore_ascii_case(page.as_bytes()))
}

/// The part of `Accept` that origins choose by, and often do not tell.
pub fn form_of(accept: Option<&[u8]>) -> u8 {
    let says = |word: &str| {
        let word = word.as_bytes();
        accept.is_some_and(|accept| {
            accept.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
        })
    };
    match () {
        () if says("text/html") => b'h',
        () if says("json") => b'j',
        () if says("xml") => b'x',
        () if says("event-stream") => b'e',
        () if says("text/") => b't',
        () => b'*',
    }
}
