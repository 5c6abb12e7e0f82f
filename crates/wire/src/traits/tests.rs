use super::*;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["host", "user-agent", "accept", "accept-language"];

fn is_own(host: &str) -> bool {
    host == "www.example.org"
}

fn order(names: &[&str]) -> HeaderOrder {
    let mut order = HeaderOrder::default();
    for name in names {
        order.add(name.as_bytes());
    }
    order
}

fn usual<'a>() -> View<'a> {
    View {
        method: "GET",
        target: "/donate/17",
        source: IpAddr::from([192, 0, 2, 7]),
        agent: Told::Text(b"Mozilla/5.0"),
        referer: Told::Text(b"https://www.example.org/about"),
        language: Told::Text(b"de-DE,de;q=0.9"),
        headers: Some(order(&NAMES)),
        cookie: Some(Cookie::None),
        protocol: Some(Protocol::H2),
        ja4: Told::Text(b"t13d1516h2_8daaf6152771_e5627efa2ab1"),
        h2: Told::Text(b"1:65536;2:0|15663105|0|m,a,s,p"),
        country: Some(*b"DE"),
        network: Some(64_496),
        wire: Some(Wire::Even),
        is_own: Some(&is_own),
    }
}

/// The attributes in which two views differ.
fn difference(one: &View<'_>, other: &View<'_>) -> Vec<Attribute> {
    let (one, other) = (traits(one), traits(other));
    let differs = |attribute: &Attribute| one.get(*attribute) != other.get(*attribute);
    Attribute::ALL.into_iter().filter(differs).collect()
}

#[test]
fn one_field_changes_its_own_attribute_and_no_other() {
    let view = usual();
    let other = IpAddr::from([198, 51, 100, 7]);
    let names = order(&["user-agent", "accept"]);
    let changes: [(View<'_>, &[Attribute]); 17] = [
        (View { method: "PROPFIND", ..view }, &[Attribute::Method]),
        (View { target: "/donate/now", ..view }, &[Attribute::Route]),
        (View { target: "/donate/17?page=2", ..view }, &[Attribute::Query]),
        (View { target: "/about?9f8e7d6c5b4a3f21", ..view }, &[Attribute::Route, Attribute::Query]),
        (View { referer: Told::Absent, ..view }, &[Attribute::Referer]),
        (View { referer: Told::Text(b"https://www.google.co.uk/"), ..view }, &[Attribute::Referer]),
        (View { language: Told::Text(b"de"), ..view }, &[Attribute::Language]),
        (View { agent: Told::Absent, ..view }, &[Attribute::Agent]),
        (View { headers: Some(names), ..view }, &[Attribute::Headers]),
        (View { ja4: Told::Unknown, ..view }, &[Attribute::Ja4]),
        (View { h2: Told::Absent, ..view }, &[Attribute::H2]),
        (View { protocol: Some(Protocol::H1), ..view }, &[Attribute::Protocol]),
        (View { cookie: Some(Cookie::Borne), ..view }, &[Attribute::Cookie]),
        (View { source: other, ..view }, &[Attribute::Prefix]),
        (View { country: Some(*b"FR"), ..view }, &[Attribute::Country]),
        (View { network: None, ..view }, &[Attribute::Network]),
        (View { wire: Some(Wire::Resets), ..view }, &[Attribute::Wire]),
    ];
    for (changed, expected) in changes {
        assert_eq!(difference(&view, &changed), expected);
    }
}

#[test]
fn what_varies_within_an_attribute_changes_nothing() {
    let view = usual();
    for same in [
        View { target: "/donate/99", ..view },
        View { referer: Told::Text(b"https://www.example.org:8443/other?x=1"), ..view },
        View { language: Told::Text(b"de-DE;q=0.8"), ..view },
        View { source: IpAddr::from([192, 0, 2, 200]), ..view },
        View {
            headers: Some(HeaderOrder::of_list("Host, User-Agent,Accept,accept-language")),
            ..view
        },
        View {
            headers: Some(order(&["user-agent", "accept", "accept-language", "cookie"])),
            ..view
        },
    ] {
        assert_eq!(difference(&view, &same), []);
    }
}

#[test]
fn a_view_that_tells_nothing_of_the_connection_shows_nothing_of_it() {
    let view = View {
        protocol: None,
        ja4: Told::Unknown,
        h2: Told::Unknown,
        wire: None,
        referer: Told::Unknown,
        language: Told::Unknown,
        agent: Told::Unknown,
        headers: None,
        cookie: None,
        country: None,
        network: None,
        ..usual()
    };
    let traits = traits(&view);
    let known = Attribute::ALL.into_iter().filter(|attribute| traits.get(*attribute).is_known());
    let shown = [Attribute::Method, Attribute::Route, Attribute::Query, Attribute::Prefix];
    assert_eq!(known.collect::<Vec<_>>(), shown);
    assert_eq!(text(&view, Attribute::Ja4, NAMES.into_iter()), None);
}

#[test]
fn a_referer_of_a_platform_that_nobody_knows_is_not_called_anothers() {
    let view = View { is_own: None, ..usual() };
    assert!(!traits(&view).get(Attribute::Referer).is_known());
    let search = View { referer: Told::Text(b"https://duckduckgo.com/?q=a"), ..view };
    assert!(traits(&search).get(Attribute::Referer).is_known());
}

#[test]
fn every_attribute_reads_as_a_person_would_write_it() {
    let view = usual();
    let told = Attribute::ALL.map(|attribute| {
        let text = text(&view, attribute, NAMES.into_iter()).unwrap();
        format!("{attribute}={text}")
    });
    assert_eq!(
        told,
        [
            "method=GET",
            "path=/donate/*",
            "query=none",
            "referer=own",
            "lang=de-DE",
            "ua=Mozilla/5.0",
            "headers=user-agent,accept,accept-language",
            "ja4=t13d1516h2_8daaf6152771_e5627efa2ab1",
            "h2=1:65536;2:0|15663105|0|m,a,s,p",
            "proto=h2",
            "cookie=none",
            "prefix=192.0.2.0/24",
            "country=DE",
            "asn=AS64496",
            "wire=even",
        ]
    );
}

#[test]
fn lines_of_a_head_show_what_its_fields_do() {
    let head = b"Host: www.example.org\r\nUser-Agent:  a \r\nX-A: 1\r\nx-a: 2\r\n\
        Accept-Language: de\r\nCOOKIE: a=b\r\nReferer: https://www.example.org/\r\n\r\n";
    let by_lines = Fields::of_lines(head);
    let mut by_fields = Fields::default();
    for (name, value) in [
        ("host", "www.example.org"),
        ("user-agent", "a"),
        ("x-a", "1"),
        ("accept-language", "de"),
        ("cookie", "a=b"),
        ("referer", "https://www.example.org/"),
    ] {
        by_fields.take(name.as_bytes(), value.as_bytes());
    }
    assert_eq!(by_lines.order, by_fields.order);
    assert_eq!(by_lines.order, HeaderOrder::of_list("host,user-agent,x-a,x-a,accept-language"));
    let values = |fields: &Fields<'static>| (fields.agent, fields.referer, fields.language);
    assert_eq!(values(&by_lines), values(&by_fields));
    assert!(by_lines.bears_cookie);
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..700)
}

proptest! {
    #[test]
    fn hostile_bytes_have_traits_and_texts_that_are_short_and_visible(
        (method, target, list) in (".{0,40}", ".{0,400}", ".{0,300}"),
        (agent, referer, language) in (bytes(), bytes(), bytes()),
        source in any::<[u8; 16]>(),
        (country, network) in (any::<[u8; 2]>(), any::<u32>()),
    ) {
        let view = View {
            method: &method,
            target: &target,
            source: IpAddr::from(source),
            agent: Told::found(Some(&agent)),
            referer: Told::found(Some(&referer)),
            language: Told::found(Some(&language)),
            headers: Some(HeaderOrder::of_list(&list)),
            country: Some(country),
            network: Some(network),
            ..usual()
        };
        let again = traits(&view);
        for attribute in Attribute::ALL {
            let text = text(&view, attribute, list.split(','));
            let is_told = text.as_ref().is_some_and(|text| {
                text.len() <= TRAIT_NAME_BYTES_MAX
                    && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
            });
            prop_assert_eq!(is_told, again.get(attribute).is_known(), "{}: {:?}", attribute, text);
        }
        prop_assert_eq!(traits(&view), again);
        let _ = Fields::of_lines(&agent);
    }

    #[test]
    fn a_list_and_its_names_one_by_one_are_one_order(
        names in proptest::collection::btree_set("[a-z][a-z-]{0,20}", 0..80),
    ) {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        prop_assert_eq!(HeaderOrder::of_list(&names.join(",")), order(&names));
    }
}
