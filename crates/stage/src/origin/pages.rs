//! The pages of an organisation's platform: text, pictures, forms and links between them.
//!
//! Built once from the platform's name and a seed; the same two give the same bytes.

mod prose;

use crate::Chance;
use bytes::Bytes;
use std::collections::HashMap;
use std::fmt::Write;

/// News articles of a platform.
const ARTICLES: u32 = 8;
/// Pictures that pages choose from.
const PICTURES: u32 = 8;
/// Pages that every other page links to.
const MENU: [(&str, &str); 7] = [
    ("/", "Home"),
    ("/about", "About us"),
    ("/news", "News"),
    ("/events", "Events"),
    ("/search", "Search"),
    ("/donate", "Donate"),
    ("/register", "Register"),
];

/// One file of a platform.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
}

/// Every file of a platform, by path.
#[derive(Debug)]
pub(super) struct Pages(HashMap<String, Page>);

impl Pages {
    pub(super) fn of(platform: &str, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let mut files = HashMap::new();
        for (path, title) in MENU {
            files.insert(path.to_owned(), html(platform, title, &mut chance));
        }
        for number in 1..=ARTICLES {
            let title = prose::headline(&mut chance);
            files.insert(format!("/news/{number}"), html(platform, title, &mut chance));
        }
        for number in 1..=PICTURES {
            files.insert(format!("/assets/picture-{number}.svg"), picture(&mut chance));
        }
        files.insert("/assets/style.css".to_owned(), style());
        files.insert("/assets/page.js".to_owned(), script());
        Self(files)
    }

    /// The file at a path without its query.
    pub(super) fn find(&self, path: &str) -> Option<&Page> {
        self.0.get(path)
    }
}

/// A page of about 4 to 9 KiB that needs two files and two to four pictures.
fn html(platform: &str, title: &str, chance: &mut Chance) -> Page {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{title} - {platform}</title>\n\
         <link rel=\"stylesheet\" href=\"/assets/style.css\">\n\
         <script src=\"/assets/page.js\" defer></script>\n</head>\n<body>\n<nav>\n"
    );
    for (path, name) in MENU {
        line(&mut page, format_args!("<a href=\"{path}\">{name}</a>"));
    }
    line(&mut page, format_args!("</nav>\n<h1>{title}</h1>"));
    let pictures = 2 + chance.below(3);
    let first = chance.below(PICTURES);
    for step in 0..pictures {
        let number = 1 + (first + step) % PICTURES;
        line(&mut page, format_args!("<img src=\"/assets/picture-{number}.svg\" alt=\"\">"));
        for _ in 0..4 {
            line(&mut page, format_args!("<p>{}</p>", prose::paragraph(chance)));
        }
        let article = 1 + chance.below(ARTICLES);
        line(&mut page, format_args!("<a href=\"/news/{article}\">Read on</a>"));
    }
    page.push_str(form(title));
    page.push_str("</body>\n</html>\n");
    Page { content_type: "text/html; charset=utf-8", body: page.into() }
}

fn form(title: &str) -> &'static str {
    match title {
        "Donate" => {
            "<form method=\"post\" action=\"/donate\"><input name=\"amount\"><input name=\"name\">\
             <button>Give</button></form>\n"
        }
        "Register" => {
            "<form method=\"post\" action=\"/register\"><input name=\"name\">\
             <button>Register</button></form>\n"
        }
        "Search" => "<form action=\"/search\"><input name=\"q\"><button>Search</button></form>\n",
        _ => "",
    }
}

fn picture(chance: &mut Chance) -> Page {
    let mut svg =
        String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\">\n");
    for _ in 0..24 {
        let (x, y, radius) = (chance.below(640), chance.below(360), 10 + chance.below(60));
        let colour = chance.below(0x100_0000);
        line(
            &mut svg,
            format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"#{colour:06x}\"/>"),
        );
    }
    svg.push_str("</svg>\n");
    Page { content_type: "image/svg+xml", body: svg.into() }
}

fn style() -> Page {
    let mut css = String::from("body { font: 16px/1.5 sans-serif; margin: 0 auto; }\n");
    for column in 1..=40 {
        line(&mut css, format_args!(".column-{column} {{ width: {}%; float: left; }}", column * 2));
    }
    Page { content_type: "text/css; charset=utf-8", body: css.into() }
}

fn script() -> Page {
    let mut js = String::from("\"use strict\";\nconst steps = [];\n");
    for step in 1..=60 {
        line(&mut js, format_args!("steps.push((page) => page.querySelectorAll(\".s{step}\"));"));
    }
    js.push_str("addEventListener(\"load\", () => steps.forEach((step) => step(document)));\n");
    Page { content_type: "text/javascript; charset=utf-8", body: js.into() }
}

/// Writing to a string cannot fail.
fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{content}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_s_pages_are_fixed_by_its_name_and_seed() {
        let home = |platform, seed| Pages::of(platform, seed).find("/").unwrap().body.clone();
        assert_eq!(home("www", 1), home("www", 1));
        assert_ne!(home("www", 1), home("www", 2));
        assert_ne!(home("www", 1), home("donate", 1));
    }

    #[test]
    fn every_address_that_a_page_names_exists() {
        let pages = Pages::of("www", 3);
        for (path, page) in &pages.0 {
            let text = std::str::from_utf8(&page.body).unwrap();
            let named = text.split(['"']).filter(|part| part.starts_with('/') && part.len() > 2);
            for address in named.filter(|part| !part.starts_with("/>")) {
                assert!(pages.find(address).is_some(), "{path} names {address}");
            }
        }
    }
}
