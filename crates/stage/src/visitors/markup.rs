//! What a browser finds in a page: files to load, links to follow, forms to send.
//!
//! Reads attributes of a tag at a time and nothing deeper; anything unusual is passed over.
//! Bounds: [`FOUND_MAX`] of each kind, paths of the same host only.

/// Of each kind, so that no page makes a person busy for ever.
pub(super) const FOUND_MAX: usize = 32;
/// A longer address is passed over.
const PATH_MAX: usize = 1_024;

/// What a page names, each once, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    pub(super) assets: Vec<Asset>,
    pub(super) links: Vec<String>,
    pub(super) forms: Vec<String>,
}

/// A file that a page needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asset {
    pub(super) path: String,
    pub(super) kind: AssetKind,
}

/// What the browser wants it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AssetKind {
    Style,
    Script,
    Image,
}

/// Everything that `html` names.
pub(super) fn find(html: &str) -> Found {
    let mut found = Found::default();
    for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        match tag.split_ascii_whitespace().next() {
            Some("link") if tag.contains("stylesheet") => {
                found.asset(tag, "href", AssetKind::Style);
            }
            Some("script") => found.asset(tag, "src", AssetKind::Script),
            Some("img") => found.asset(tag, "src", AssetKind::Image),
            Some("a") => add(&mut found.links, path_in(tag, "href")),
            Some("form") if tag.contains("method=\"post\"") => {
                add(&mut found.forms, path_in(tag, "action"));
            }
            _ => {}
        }
    }
    found
}

impl Found {
    fn asset(&mut self, tag: &str, attribute: &str, kind: AssetKind) {
        let asset = path_in(tag, attribute).map(|path| Asset { path, kind });
        add(&mut self.assets, asset);
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, item: Option<T>) {
    if let Some(item) = item
        && list.len() < FOUND_MAX
        && !list.contains(&item)
    {
        list.push(item);
    }
}

/// The path in an attribute, if it is one of the same host and can be sent as it stands.
fn path_in(tag: &str, attribute: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {attribute}=\""))?;
    let (path, _) = rest.split_once('"')?;
    let own = path.starts_with('/') && !path.starts_with("//") && path.len() <= PATH_MAX;
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\\^`{|}".contains(&byte));
    (own && plain).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_gives_up_its_files_links_and_forms_once_each() {
        let found = find(
            "<link rel=\"stylesheet\" href=\"/s.css\"><link rel=\"icon\" href=\"/i.png\">\
             <script src=\"/j.js\" defer></script><a href=\"/a\">x</a><a class=\"b\" href=\"/a\">y</a>\
             <a href=\"https://example.net/\">z</a><a href=\"//example.net/\">z</a>\
             <img src=\"/p.svg\" alt=\"\"><form action=\"/search\"></form>\
             <form method=\"post\" action=\"/donate\">",
        );
        let asset = |path: &str, kind| Asset { path: path.to_owned(), kind };
        assert_eq!(
            found,
            Found {
                assets: vec![
                    asset("/s.css", AssetKind::Style),
                    asset("/j.js", AssetKind::Script),
                    asset("/p.svg", AssetKind::Image),
                ],
                links: vec!["/a".to_owned()],
                forms: vec!["/donate".to_owned()],
            }
        );
    }

    #[test]
    fn a_page_of_endless_links_gives_only_so_many() {
        let page: Vec<_> = (0..1_000).map(|n| format!("<a href=\"/{n}\">")).collect();
        assert_eq!(find(&page.concat()).links.len(), FOUND_MAX);
    }

    proptest! {
        #[test]
        fn whatever_a_page_says_only_paths_come_out(page in "[<>a-z\"=/ #?]{0,200}") {
            let found = find(&page);
            for path in found.links.iter().chain(&found.forms) {
                prop_assert!(path.parse::<http::Uri>().is_ok(), "{}", path);
            }
        }
    }
}
