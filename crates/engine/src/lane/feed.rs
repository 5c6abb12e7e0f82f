//! Where sites keep their feeds: what reads them runs no scripts, keeps no cookies and asks for little.

/// Names of the last part of a path by which a feed is known.
///
/// Source: what `WordPress`, Drupal, Jekyll, Hugo, Ghost and Hexo call theirs by default.
const NAMES: [&[u8]; 10] = [
    b"feed",
    b"feed.xml",
    b"feed.json",
    b"feed.atom",
    b"feeds",
    b"rss",
    b"rss.xml",
    b"atom",
    b"atom.xml",
    b"index.xml",
];
/// Endings that only feeds have.
const ENDINGS: [&[u8]; 2] = [b".rss", b".atom"];
/// Longer than any of the names.
const NAME_MAX: usize = 64;

/// Whether a path is where sites keep a feed; a slash behind it counts for nothing.
pub fn is_feed(path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path).as_bytes();
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    name.len() <= NAME_MAX
        && (NAMES.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_known_by_the_last_part_of_their_path() {
        for path in [
            "/feed.xml",
            "/feed/",
            "/blog/category/news/feed/",
            "/rss",
            "/index.xml",
            "/news/latest.rss",
            "/atom.xml",
        ] {
            assert!(is_feed(path), "{path}");
        }
        for path in [
            "/",
            "",
            "/feedback",
            "/feed/1",
            "/feed.xml.php",
            "/index.html",
            "/sitemap.xml",
            "/a b",
        ] {
            assert!(!is_feed(path), "{path}");
        }
        assert!(!is_feed(&format!("/{}.rss", "a".repeat(NAME_MAX))));
    }
}
