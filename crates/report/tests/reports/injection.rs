//! Hostile texts in every place where a form shows a text: pages keep their shape, terminals and
//! spreadsheets stay safe, and nobody's name is planted.

use crate::simulated::{Dice, Records, about, describe, ended, incident};
use seawall_report::case::{Case, Check, Evidence};
use seawall_report::known::Known;
use seawall_report::line::Line;
use seawall_report::{About, Form, render};
use seawall_types::evidence::{
    Bookkeeping, CarryQuantity, Fact, Gap, GapReason, IncidentKind, Standing,
};

/// What breaks out of texts, attributes, comments, styles, cells and terminals.
const SEEDS: [&str; 50] = [
    "<script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "javascript:alert(1)",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "<a href=javascript:alert(1)>x</a>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<foreignObject><body onload=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u{feff}<script>alert(1)</script>",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "<img src=`x` onerror=`alert(1)`>",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<!--#exec cmd=\"id\"-->",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>",
    "=cmd|'/c calc'!A1",
    "+1+cmd|'/c calc'!A1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "=HYPERLINK(\"http://192.0.2.1/\",\"x\")",
    "\"=1+1\"",
    ";=1+1",
    "a,b\",\"c\r\nd",
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;owned\u{7}",
    "\u{1b}]8;;http://192.0.2.1\u{1b}\\x\u{1b}]8;;\u{1b}\\",
    "\u{9b}31m",
    "\u{90}q\u{9c}",
    "a\r\nINCIDENT forged",
    "a\u{8}\u{8}\u{8}b\u{7f}",
    "\u{202e}gpj.exe\u{202c}",
    "\u{2066}x\u{2069}\u{200f}",
    "a\u{2028}b\u{2029}c\u{85}d",
    "\u{e0041}\u{e0042}\u{200b}\u{2060}",
    "%00%0d%0a",
    "{\"id\":\"forged\"}\n{",
    "rule 1 { then { discard; } } #",
];

/// Ten ways to carry each.
pub(crate) fn payloads() -> Vec<String> {
    SEEDS
        .into_iter()
        .flat_map(|seed| {
            [
                seed.to_owned(),
                format!("www{seed}"),
                format!("{seed}{seed}"),
                format!("\"{seed}\""),
                format!("'{seed}'"),
                format!("<b>{seed}</b>"),
                format!("\n{seed}\n"),
                format!("</td></tr></table>{seed}"),
                format!("{}{seed}", "x".repeat(220)),
                format!(" {}", seed.to_uppercase()),
            ]
        })
        .collect()
}

/// A case with `text` in every field that holds a text.
pub(crate) fn case_with(text: &str) -> Case {
    let own = || text.to_owned();
    let mut records = Records::default();
    records.fact(0, Fact::NodeStarted { version: own(), configuration: own() });
    for second in 9..=20 {
        records.second(second * 1_000, text, (300, 5_000, Some(990)));
        records.second(second * 1_000, &format!("beside {text}"), (300, 50, Some(990)));
        if second == 10 {
            let opened = incident("www-1", text, IncidentKind::Flood);
            records.fact(10_500, Fact::IncidentOpened(opened));
        }
    }
    records.fact(11_000, Fact::ConfigurationApplied { configuration: own() });
    records.fact(11_000, Fact::TableSaturated { table: own(), times: 2 });
    let (was, now) = (Standing::Healthy, Standing::Out);
    records.fact(11_000, Fact::OriginStanding { origin: own(), was, now });
    let quantity = CarryQuantity::LimitRequests;
    let (platform, origin, was, now) = (own(), Some(own()), Some(1), None);
    records.fact(11_000, Fact::CarryLearned { platform, origin, quantity, was, now });
    records.gap(12_000, (11_000, 11_500), GapReason::DiskSlow);
    for entry in &mut records.0 {
        if let seawall_report::entry::Statement::Own(Bookkeeping::Gap(Gap { detail, .. })) =
            &mut entry.statement
        {
            detail.clone_from(&own());
        }
        entry.node = own();
    }
    let closed = ended(incident("www-1", text, IncidentKind::Flood), 20_000);
    records.fact(21_000, Fact::IncidentClosed(closed));
    let check = Check::Broken { what: Line::of(text) };
    let evidence = Evidence { entries: &records.0, unread: 0, check: &check };
    let line = || Some(Line::of(text));
    let about = About {
        organisation: line(),
        contact: line(),
        platforms: vec![Line::of(&format!("named {text}"))],
        ..about()
    };
    let id = "www-1".parse().expect("a name");
    let mut case = Case::of(&evidence, &id, about).expect("it was recorded");
    describe(&mut case, &mut Dice(1));
    case.signatures[0].text = Line::of_sender(text);
    if let Known::Is(places) = &mut case.places {
        places.tables[0].name = Line::of(text);
        places.tables[0].dated = Line::of(text);
    }
    case
}

/// The tags of a page with the names of their attributes, as a browser's tokenizer sees them.
fn shape(page: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(open) = rest.find('<') {
        let tag = &rest[open + 1..];
        let mut quote = None;
        let end = tag.char_indices().find(|(_, c)| match (quote, c) {
            (None, '"' | '\'') => {
                quote = Some(*c);
                false
            }
            (Some(q), c) if q == *c => {
                quote = None;
                false
            }
            (None, '>') => true,
            _ => false,
        });
        let end = end.expect("every tag ends").0;
        let mut names = Vec::new();
        for (at, part) in tag[..end].split('"').enumerate() {
            if at % 2 == 0 {
                names.push(part.trim().to_owned());
            }
        }
        tags.push(names.join(" "));
        rest = &tag[end..];
    }
    tags
}

fn html(text: &str) -> String {
    render(Form::Html, &case_with(text)).expect("every case has a page")
}

#[test]
fn five_hundred_hostile_texts_change_nothing_of_the_shape_of_the_page() {
    let harmless = shape(&html("www"));
    assert!(harmless.len() > 200);
    let executing = |tag: &String| {
        tag.contains("script") || tag.contains(" on") || tag.contains("href") || tag.contains("src")
    };
    assert!(!harmless.iter().any(executing));
    let payloads = payloads();
    assert_eq!(payloads.len(), 500);
    for payload in payloads {
        assert_eq!(shape(&html(&payload)), harmless, "{payload:?}");
    }
}

#[test]
fn every_id_of_the_page_is_there_once_and_every_label_points_to_one() {
    let page = html("www");
    let of = |name: &str| -> Vec<String> {
        let before = format!(" {name}=\"");
        let parts = page.split(&before).skip(1);
        parts
            .flat_map(|rest| rest.split('"').next().unwrap_or_default().split(' '))
            .map(str::to_owned)
            .collect()
    };
    let (mut ids, labels) = (of("id"), of("aria-labelledby"));
    assert!(ids.len() > 10 && labels.iter().all(|label| ids.contains(label)));
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn five_hundred_hostile_texts_reach_no_terminal_and_forge_no_line() {
    let texts = [Form::Text, Form::Ncsc, Form::Statement, Form::Csv, Form::Json];
    let lines = |text: &str, form| {
        let document = render(form, &case_with(text)).expect("every case has one");
        for c in document.chars() {
            let is_plain = matches!(c, '\n' | '\r') || !c.is_control();
            let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e0fff}' | '\u{feff}');
            assert!(is_plain && !turns, "{form:?} {c:?} {text:?}");
        }
        document.lines().count()
    };
    for form in texts {
        let harmless = lines("www", form);
        for payload in payloads() {
            assert_eq!(lines(&payload, form), harmless, "{form:?} {payload:?}");
        }
    }
}

#[test]
fn no_cell_is_a_formula_and_json_reads_back_with_the_same_fields() {
    for payload in payloads() {
        let case = case_with(&payload);
        let table = render(Form::Csv, &case).expect("every case has one");
        for row in table.lines() {
            for cell in cells(row) {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '|']), "{cell:?}");
            }
            assert_eq!(cells(row).len(), 19, "{row:?}");
        }
        let json = render(Form::Json, &case).expect("every case has one");
        let value: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(value["id"], "www-1");
    }
}

/// The cells of a row as a spreadsheet reads them.
fn cells(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = row.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, is_quoted) {
            ('"', true) if characters.peek() == Some(&'"') => {
                characters.next();
                cells.last_mut().expect("one at least").push('"');
            }
            ('"', _) => is_quoted = !is_quoted,
            (',', false) => cells.push(String::new()),
            _ => cells.last_mut().expect("one at least").push(c),
        }
    }
    cells
}

#[test]
fn a_name_that_a_sender_planted_stands_in_no_form() {
    let groups = include_str!("../names/groups.txt");
    let states = include_str!("../names/states.txt");
    let names: Vec<_> = groups.lines().chain(states.lines()).collect();
    for names in names.chunks(30) {
        let mut case = crate::simulated::simulated(1);
        case.signatures.clear();
        describe(&mut case, &mut Dice(1));
        let one = case.signatures[0].clone();
        case.signatures = names
            .iter()
            .map(|name| {
                let text = Line::of_sender(&format!("agent={name} was here"));
                seawall_report::finding::Signature { text, ..one.clone() }
            })
            .collect();
        for form in Form::ALL {
            let Ok(document) = render(form, &case) else { continue };
            for name in names {
                assert!(!document.contains(&format!("{name} was here")), "{form:?} {name}");
            }
        }
        let text = render(Form::Text, &case).expect("every case has one");
        assert_eq!(text.matches("[name withheld] was here").count(), names.len());
    }
}
