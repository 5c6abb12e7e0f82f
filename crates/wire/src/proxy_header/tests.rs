use super::*;
use proptest::prelude::*;

fn whole(client: Option<&str>, length: usize) -> ProxyStep {
    let client = client.map(|text| text.parse().unwrap());
    ProxyStep::Whole(ProxyHeader { client, length })
}

#[test]
fn a_line_of_version_1_names_its_client() {
    for (line, client) in [
        ("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", Some("192.0.2.1")),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", Some("255.255.255.255")),
        ("PROXY TCP4 192.0.2.1 198.51.100.2 0 0\r\n", Some("192.0.2.1")),
        ("PROXY TCP6 2001:db8::1 2001:DB8::2 1 2\r\n", Some("2001:db8::1")),
        ("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", Some("192.0.2.1")),
        ("PROXY UNKNOWN\r\n", None),
        ("PROXY UNKNOWN anything at all, 192.0.2.1\r\n", None),
    ] {
        let told = [line.as_bytes(), b"GET / HTTP/1.1\r\n\r\n"].concat();
        assert_eq!(parse(&told), Ok(whole(client, line.len())), "{line}");
        assert_eq!(parse(&told[..line.len() - 1]), Ok(ProxyStep::Partial), "{line}");
    }
}

#[test]
fn a_line_that_is_not_by_the_grammar_is_a_fault() {
    for line in [
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 \r\n",
        "PROXY TCP4  192.0.2.1 198.51.100.2 56324 443\r\n",
        "PROXY TCP4 192.0.2.1\t198.51.100.2 56324 443\r\n",
        "PROXY TCP4 192.0.2.01 198.51.100.2 56324 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100 56324 443\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        "PROXY TCP6 192.0.2.1 198.51.100.2 56324 443\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 +1 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 080 443\r\n",
        "PROXY tcp4 192.0.2.1 198.51.100.2 80 443\r\n",
        "PROXY TCP5 192.0.2.1 198.51.100.2 80 443\r\n",
        "PROXY UNKNOWNS\r\n",
        "PROXY \r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 80 443\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 80 443\r\r\n",
    ] {
        assert_eq!(parse(line.as_bytes()), Err(ProxyFault::Line), "{line:?}");
    }
    for line in ["proxy TCP4 ", "PROXY\r\n", "PROXYTCP4", "PUT / HTTP/1.1\r\n", "GET "] {
        assert_eq!(parse(line.as_bytes()), Err(ProxyFault::Signature), "{line:?}");
    }
}

#[test]
fn a_line_may_be_as_long_as_the_longest_and_no_longer() {
    let start = "PROXY UNKNOWN ";
    let longest = format!("{start}{}\r\n", "f".repeat(V1_MAX - start.len() - 2));
    assert_eq!(longest.len(), V1_MAX);
    assert_eq!(parse(longest.as_bytes()), Ok(whole(None, V1_MAX)));
    let longer = format!("{start}{}\r\n", "f".repeat(V1_MAX - start.len() - 1));
    assert_eq!(parse(longer.as_bytes()), Err(ProxyFault::TooLong));
    assert_eq!(parse(&longer.as_bytes()[..V1_MAX]), Err(ProxyFault::TooLong));
    assert_eq!(parse(&longer.as_bytes()[..V1_MAX - 1]), Ok(ProxyStep::Partial));
}

/// A header of version 2 with `body` behind its fixed part.
fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[command, family][..], &length, body].concat()
}

const V4: [u8; 12] = [192, 0, 2, 1, 198, 51, 100, 2, 220, 4, 1, 187];

fn v6(source: &str) -> Vec<u8> {
    let source: std::net::Ipv6Addr = source.parse().unwrap();
    [&source.octets()[..], &[0; 16], &[0, 1, 0, 2]].concat()
}

#[test]
fn a_header_of_version_2_names_its_client_or_the_socket() {
    for (header, client) in [
        (v2(0x21, 0x11, &V4), Some("192.0.2.1")),
        (v2(0x21, 0x21, &v6("2001:db8::1")), Some("2001:db8::1")),
        (v2(0x21, 0x21, &v6("::ffff:192.0.2.9")), Some("192.0.2.9")),
        (v2(0x21, 0x11, &[&V4[..], &[4, 0, 2, 0, 0, 0x30, 0, 0]].concat()), Some("192.0.2.1")),
        (v2(0x20, 0x00, &[]), None),
        (v2(0x20, 0x11, &V4), None),
        (v2(0x20, 0xff, &[1, 2, 3]), None),
        (v2(0x21, 0x00, &[9; 40]), None),
        (v2(0x21, 0x12, &V4), None),
        (v2(0x21, 0x22, &v6("2001:db8::1")), None),
        (v2(0x21, 0x31, &[0; 216]), None),
        (v2(0x21, 0x32, &[0; 216]), None),
    ] {
        let told = [&header[..], b"\x16\x03\x01"].concat();
        assert_eq!(parse(&told), Ok(whole(client, header.len())), "{header:?}");
    }
}

#[test]
fn a_header_of_version_2_that_is_broken_is_a_fault() {
    use ProxyFault::{Command, Extension, Family, Signature, TooLong, TooShort};
    for (header, fault) in [
        (v2(0x11, 0x11, &V4), Command),
        (v2(0x22, 0x11, &V4), Command),
        (v2(0x2f, 0x11, &V4), Command),
        (v2(0x21, 0x41, &V4), Family),
        (v2(0x21, 0x13, &V4), Family),
        (v2(0x21, 0x10, &V4), Family),
        (v2(0x21, 0x01, &V4), Family),
        (v2(0x21, 0x11, &V4[..11]), TooShort),
        (v2(0x21, 0x21, &V4), TooShort),
        (v2(0x21, 0x31, &[0; 215]), TooShort),
        (v2(0x21, 0x11, &[&V4[..], &[4, 0]].concat()), Extension),
        (v2(0x21, 0x11, &[&V4[..], &[4, 0, 2, 0]].concat()), Extension),
        (v2(0x21, 0x11, &[&V4[..], &[3, 0, 2, 0, 0]].concat()), Extension),
        (v2(0x21, 0x11, &[0; BODY_MAX + 1]), TooLong),
        (b"\r\n\r\n\0\r\nQUIP\n".to_vec(), Signature),
        (b"\r\n\r\nGET".to_vec(), Signature),
    ] {
        assert_eq!(parse(&header), Err(fault), "{header:?}");
    }
    let longest = v2(0x21, 0x11, &[&V4[..], &[4, 2, 9], &[0; 521]].concat());
    assert_eq!(longest.len(), V2_MAX);
    assert_eq!(parse(&longest), Ok(whole(Some("192.0.2.1"), V2_MAX)));
}

/// Bytes behind the fixed part that are taken.
const BODY_MAX: usize = V2_MAX - 16;

#[test]
fn a_checksum_holds_or_the_header_does_not() {
    let blank = v2(0x21, 0x11, &[&V4[..], &[4, 0, 1, 0], &[3, 0, 4, 0, 0, 0, 0]].concat());
    let place = blank.len() - 4;
    let mut good = blank.clone();
    good[place..].copy_from_slice(&checksum::crc32c(&blank, place).to_be_bytes());
    assert_eq!(parse(&good), Ok(whole(Some("192.0.2.1"), good.len())));
    assert_eq!(parse(&blank), Err(ProxyFault::Checksum));
    for (at, bit) in (16..20).chain(place..good.len()).zip([1, 2, 4, 8, 16, 32, 64, 128]) {
        let mut flipped = good.clone();
        flipped[at] ^= bit;
        assert_eq!(parse(&flipped), Err(ProxyFault::Checksum), "byte {at}");
    }
    let twice = v2(0x21, 0x11, &[&V4[..], &[3, 0, 4, 0, 0, 0, 0], &[3, 0, 4, 0, 0, 0, 0]].concat());
    assert_eq!(parse(&twice), Err(ProxyFault::Extension));
}

proptest! {
    #[test]
    fn any_addresses_come_back_from_either_version(
        source in any::<[u8; 16]>(), short in any::<[u8; 4]>(), ports in any::<[u16; 2]>(),
    ) {
        let (v6, v4) = (IpAddr::from(source), IpAddr::from(short));
        let [from, to] = ports;
        let line = format!("PROXY TCP6 {v6} ::1 {from} {to}\r\n");
        let expected = ProxyHeader { client: Some(v6.to_canonical()), length: line.len() };
        prop_assert_eq!(parse(line.as_bytes()), Ok(ProxyStep::Whole(expected)));
        let line = format!("PROXY TCP4 {v4} 0.0.0.0 {from} {to}\r\n");
        let expected = ProxyHeader { client: Some(v4), length: line.len() };
        prop_assert_eq!(parse(line.as_bytes()), Ok(ProxyStep::Whole(expected)));
        let header = v2(0x21, 0x21, &[&source[..], &[0; 20]].concat());
        let expected = ProxyHeader { client: Some(v6.to_canonical()), length: header.len() };
        prop_assert_eq!(parse(&header), Ok(ProxyStep::Whole(expected)));
    }
}
