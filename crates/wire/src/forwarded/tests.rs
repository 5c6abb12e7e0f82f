use super::*;
use proptest::prelude::*;

/// Trusted are `10.0.0.0/8` and `2001:db8:ffff::/48`.
fn trusts(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.octets()[0] == 10,
        IpAddr::V6(v6) => v6.segments()[..3] == [0x2001, 0xdb8, 0xffff],
    }
}

fn found(field: Field, lines: &[&str]) -> Told {
    walk(field, lines.iter().map(|line| line.as_bytes()), trusts)
}

fn client(field: Field, lines: &[&str]) -> Option<String> {
    found(field, lines).client.map(|address| address.to_string())
}

#[test]
fn the_client_is_the_first_from_the_right_that_is_not_trusted() {
    for (lines, expected) in [
        (&["192.0.2.1"][..], "192.0.2.1"),
        (&["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        (&["203.0.113.9,192.0.2.1 , 10.0.0.1,10.9.9.9"], "192.0.2.1"),
        (&["203.0.113.9", "192.0.2.1", "10.0.0.1"], "192.0.2.1"),
        (&["203.0.113.9, 192.0.2.1", "10.0.0.1, 10.0.0.2"], "192.0.2.1"),
        (&["10.0.0.3, 10.0.0.1"], "10.0.0.3"),
        (&["192.0.2.1:5555"], "192.0.2.1"),
        (&["2001:db8::1"], "2001:db8::1"),
        (&["[2001:db8::1]:80, 2001:db8:ffff::1"], "2001:db8::1"),
        (&["[2001:db8::1]"], "2001:db8::1"),
        (&["::ffff:192.0.2.1, ::ffff:10.0.0.1"], "192.0.2.1"),
        (&["192.0.2.1, , ,", ""], "192.0.2.1"),
        (&["\t192.0.2.1 "], "192.0.2.1"),
    ] {
        assert_eq!(client(Field::XForwardedFor, lines).as_deref(), Some(expected), "{lines:?}");
    }
}

#[test]
fn what_cannot_be_read_ends_the_walk_at_the_last_address_that_was_believed() {
    for (lines, expected) in [
        (&["192.0.2.1, unknown"][..], None),
        (&["192.0.2.1, unknown, 10.0.0.1"], Some("10.0.0.1")),
        (&["192.0.2.1, _hidden, 10.0.0.1"], Some("10.0.0.1")),
        (&["192.0.2.1", "10.0.0.1, 192.0.2.999, 10.0.0.2"], Some("10.0.0.2")),
        (&["192.0.2.01"], None),
        (&["\"192.0.2.1\""], None),
        (&["192.0.2.1:"], None),
        (&["192.0.2.1:70000"], None),
        (&["[2001:db8::1"], None),
        (&["[192.0.2.1]"], None),
        (&["fe80::1%eth0"], None),
        (&["192.0.2.1 10.0.0.1"], None),
        (&["192.0.2.1; 10.0.0.1"], None),
        (&["\u{e9}"], None),
        (&[], None),
    ] {
        assert_eq!(client(Field::XForwardedFor, lines).as_deref(), expected, "{lines:?}");
    }
}

#[test]
fn forwarded_is_read_with_quotes_ports_and_any_case() {
    for (lines, expected) in [
        (&["for=192.0.2.1"][..], Some("192.0.2.1")),
        (&["FOR=192.0.2.1;Proto=HTTPS;by=203.0.113.43"], Some("192.0.2.1")),
        (&["for=\"192.0.2.1:4711\""], Some("192.0.2.1")),
        (&["for=\"192.0.2.1:_x-1\""], Some("192.0.2.1")),
        (&["for=\"[2001:db8::1]:4711\", for=10.0.0.1"], Some("2001:db8::1")),
        (&["for=203.0.113.9", "for=192.0.2.1;host=\"a,b;c\"", "for=10.0.0.1"], Some("192.0.2.1")),
        (&["for=192.0.2.1; by=\"[2001:db8::9]\" ;"], Some("192.0.2.1")),
        (&["for=192.0.2.1, for=unknown"], None),
        (&["for=192.0.2.1, for=_gazonk, for=10.0.0.1"], Some("10.0.0.1")),
        (&["for=192.0.2.1, for=\"_gazonk:80\""], None),
        (&["for=192.0.2.1, by=203.0.113.43"], None),
        (&["for=192.0.2.1;for=203.0.113.9"], None),
        (&["for=2001:db8::1"], None),
        (&["for=\"2001:db8::1\""], None),
        (&["192.0.2.1"], None),
        (&["for = 192.0.2.1"], None),
        (&["for=\"192.0.2.1\"x"], None),
        (&["for=192.0.2.1;x=\"a\\\"b\""], None),
        (&["for=\"192.0.2.1"], None),
    ] {
        assert_eq!(client(Field::Forwarded, lines).as_deref(), expected, "{lines:?}");
    }
}

#[test]
fn quotes_that_a_client_left_open_hide_nothing_of_what_a_proxy_wrote() {
    for forged in ["for=\"203.0.113.9", "\"", "for=\"a\\\"", "for=\"a\\\", for=\"b", "x=\"\"\""] {
        let joined = format!("{forged}, for=192.0.2.1;proto=https, for=10.0.0.1");
        assert_eq!(client(Field::Forwarded, &[&joined]).as_deref(), Some("192.0.2.1"), "{forged}");
        let apart = [forged, "for=192.0.2.1", "for=10.0.0.1"];
        assert_eq!(client(Field::Forwarded, &apart).as_deref(), Some("192.0.2.1"), "{forged}");
    }
}

#[test]
fn the_scheme_is_that_of_the_element_which_names_the_client() {
    for (line, expected) in [
        ("for=192.0.2.1;proto=https, for=10.0.0.1;proto=http", Some(Proto::Https)),
        ("for=192.0.2.1;proto=\"http\", for=10.0.0.1;proto=https", Some(Proto::Http)),
        ("for=192.0.2.1, for=10.0.0.1;proto=https", None),
        ("for=192.0.2.1;proto=ftp", None),
        ("for=192.0.2.1;proto=http;proto=https", None),
    ] {
        assert_eq!(found(Field::Forwarded, &[line]).proto, expected, "{line}");
    }
    let named = |lines: &[&str]| proto(lines.iter().map(|line| line.as_bytes()));
    assert_eq!(named(&["http", "HTTPS"]), Some(Proto::Https));
    assert_eq!(named(&["https, http "]), Some(Proto::Http));
    for nothing in [&[][..], &["https", ""], &["wss"], &["https,"], &["https http"]] {
        assert_eq!(named(nothing), None, "{nothing:?}");
    }
}

#[test]
fn cf_connecting_ip_is_one_address_in_one_line() {
    for (lines, expected) in [
        (&["192.0.2.1"][..], Some("192.0.2.1")),
        (&[" 2001:db8::1 "], Some("2001:db8::1")),
        (&["10.0.0.1"], Some("10.0.0.1")),
        (&["192.0.2.1, 203.0.113.9"], None),
        (&["192.0.2.1", "203.0.113.9"], None),
        (&["192.0.2.1", "192.0.2.1"], None),
        (&["192.0.2.1:80"], None),
        (&["[2001:db8::1]"], None),
        (&[""], None),
        (&[], None),
    ] {
        assert_eq!(client(Field::CfConnectingIp, lines).as_deref(), expected, "{lines:?}");
    }
}

#[test]
fn a_walk_ends_after_so_many_hops_and_bytes_and_not_before() {
    for (field, client_element, hop) in [
        (Field::XForwardedFor, "192.0.2.1", ",10.0.0.1"),
        (Field::Forwarded, "for=192.0.2.1", ",for=10.0.0.1"),
    ] {
        let chain = |hops: usize| format!("{client_element}{}", hop.repeat(hops));
        let reached = client(field, &[&chain(HOPS_MAX - 1)]);
        assert_eq!(reached.as_deref(), Some("192.0.2.1"));
        assert_eq!(client(field, &[&chain(HOPS_MAX)]).as_deref(), Some("10.0.0.1"));
        let wide = |spaces: usize| format!("{client_element},{}{}", " ".repeat(spaces), &hop[1..]);
        let room = BYTES_MAX - hop.len() - client_element.len() - 1;
        assert_eq!(client(field, &[&wide(room)]).as_deref(), Some("192.0.2.1"));
        assert_eq!(client(field, &[&wide(room + 1)]).as_deref(), Some("10.0.0.1"));
        assert_eq!(client(field, &[&wide(BYTES_MAX)]), None);
        assert_eq!(client(field, &[&"x".repeat(100_000)]), None);
    }
}

proptest! {
    #[test]
    fn whatever_a_client_forges_the_address_that_its_proxy_wrote_is_found(
        forged in "[ -~]{0,80}", source in any::<[u8; 16]>(), apart in any::<bool>(),
    ) {
        let source = IpAddr::from(source).to_canonical();
        prop_assume!(!trusts(source));
        let node = if source.is_ipv4() { source.to_string() } else { format!("\"[{source}]\"") };
        for (field, own) in [
            (Field::XForwardedFor, source.to_string()),
            (Field::Forwarded, format!("for={node};proto=https")),
        ] {
            let joined = format!("{forged}, {own}");
            let lines = if apart { vec![&*forged, &*own] } else { vec![&*joined] };
            prop_assert_eq!(found(field, &lines).client, Some(source));
        }
    }
}
