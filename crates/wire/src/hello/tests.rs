use super::*;
use proptest::prelude::*;

/// Real hellos, and what another implementation of JA4 (`reference.py`) makes of them.
const EXPECTED: &str = include_str!("../../tests/data/hello/expected.txt");

macro_rules! captured {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_bytes!(concat!("../../tests/data/hello/", $name, ".bin")).as_slice())),+]
    };
}

const CAPTURED: [(&str, &[u8]); 13] = captured![
    "chromium",
    "curl",
    "curl_http1",
    "curl_nss",
    "h2load",
    "java",
    "nghttp",
    "node",
    "openssl_s_client",
    "openssl_tls12_address",
    "python_3_11_7",
    "python_ssl",
    "wget",
];

fn complete(stream: &[u8]) -> Hello {
    match parse(stream) {
        Ok(HelloStep::Complete(hello)) => hello,
        other => panic!("{other:?} is no hello"),
    }
}

fn fingerprint(stream: &[u8]) -> String {
    ja4(&complete(stream), Transport::Tcp).to_string()
}

fn captured(name: &str) -> &'static [u8] {
    CAPTURED.iter().find(|(other, _)| *other == name).unwrap().1
}

#[test]
fn real_clients_have_the_fingerprint_that_another_implementation_gives() {
    let ours: Vec<String> =
        CAPTURED.iter().map(|(name, stream)| format!("{name} {}", fingerprint(stream))).collect();
    assert_eq!(ours, EXPECTED.lines().collect::<Vec<_>>());
}

#[test]
fn fingerprints_are_those_that_were_published() {
    assert_eq!(fingerprint(captured("curl")), "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6");
    // The suites of Chrome, in the description of the format.
    assert_eq!(&fingerprint(captured("chromium"))[11..23], "8daaf6152771");
}

/// The hello that the description of the format works out by hand.
fn described() -> Hello {
    Hello {
        version: 0x0303,
        ciphers: vec![
            0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
            0x009c, 0x009d, 0x002f, 0x0035,
        ],
        extensions: vec![
            0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012,
            0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
        ],
        signature_algorithms: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
        supported_versions: vec![0x0304, 0x0303],
        server_name: Some("www.example.org".into()),
        alpn: vec![b"h2".as_slice().into()],
    }
}

fn text(hello: &Hello) -> String {
    ja4(hello, Transport::Tcp).to_string()
}

#[test]
fn the_worked_example_of_the_description_comes_out_alike() {
    assert_eq!(text(&described()), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    let without = Hello { signature_algorithms: vec![], ..described() };
    assert_eq!(text(&without), "t13d1516h2_8daaf6152771_6d807ffa2a79");
    let quic = ja4(&described(), Transport::Quic);
    assert_eq!(quic.as_str(), "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

#[test]
fn grease_is_left_out_everywhere() {
    let mut hello = described();
    hello.ciphers.insert(0, 0x0a0a);
    hello.extensions.insert(0, 0xfafa);
    hello.extensions.push(0x2a2a);
    hello.signature_algorithms.insert(0, 0x1a1a);
    hello.supported_versions.insert(0, 0xdada);
    assert_eq!(text(&hello), text(&described()));
    hello.ciphers.push(0x0a1a);
    assert_ne!(text(&hello), text(&described()));
}

#[test]
fn alpn_shows_its_ends_or_their_hexadecimal_digits() {
    for (protocol, ends) in [
        (&b"h2"[..], "h2"),
        (b"http/1.1", "h1"),
        (b"x", "xx"),
        (b"", "00"),
        (b"\xab", "ab"),
        (b"\x20", "20"),
        (b"\xab\xcd", "ad"),
        (b"\x20a", "21"),
        (b"0\xab", "3b"),
        (b"a\x20", "60"),
        (b"01\xab\xcd", "3d"),
        (b"0\xab\xcd1", "01"),
    ] {
        let hello = Hello { alpn: vec![protocol.into()], ..described() };
        assert_eq!(&text(&hello)[8..10], ends, "{protocol:?}");
    }
    assert_eq!(&text(&Hello { alpn: vec![], ..described() })[8..10], "00");
}

#[test]
fn versions_come_from_the_list_and_else_from_the_head() {
    for (version, digits) in [
        (0x0304, "13"),
        (0x0303, "12"),
        (0x0302, "11"),
        (0x0301, "10"),
        (0x0300, "s3"),
        (0x0002, "s2"),
        (0x7f17, "00"),
    ] {
        let hello = Hello { version, supported_versions: vec![], ..described() };
        assert_eq!(&text(&hello)[1..3], digits);
    }
}

#[test]
fn counts_stop_at_99_and_empty_lists_are_zeros() {
    let many = Hello { ciphers: (0..150).collect(), ..described() };
    assert_eq!(&text(&many)[4..6], "99");
    assert_eq!(text(&Hello::default()), "t00i000000_000000000000_000000000000");
    let named = Hello { extensions: vec![0, 16], ..Hello::default() };
    assert_eq!(text(&named), "t00d000200_000000000000_000000000000");
}

#[test]
fn server_name_and_protocols_are_read() {
    let hello = complete(captured("chromium"));
    assert_eq!(hello.server_name.as_deref(), Some("www.example.org"));
    let alpn: Vec<&[u8]> = hello.alpn.iter().map(AsRef::as_ref).collect();
    assert_eq!(alpn, [&b"h2"[..], b"http/1.1"]);
    let hello = complete(captured("openssl_tls12_address"));
    assert_eq!(hello.server_name, None);
    assert!(hello.supported_versions.is_empty());
}

/// The first record's message, in records of at most `piece` bytes.
fn split_into_records(stream: &[u8], piece: usize) -> Vec<u8> {
    let record = |fragment: &[u8]| {
        let length = u16::try_from(fragment.len()).unwrap().to_be_bytes();
        [&[22, 3, 1], &length[..], fragment].concat()
    };
    stream[5..].chunks(piece).flat_map(record).collect()
}

#[test]
fn a_hello_in_several_records_is_the_same_hello() {
    let stream = captured("chromium");
    for piece in [31, 100, 1_000, 1_917, 1_918] {
        let split = split_into_records(stream, piece);
        assert_eq!(parse(&split), parse(stream), "records of {piece}");
    }
    let message = &split_into_records(captured("node"), 1)[..6 * RECORDS_MAX];
    assert_eq!(parse(message), Err(HelloFault::TooLong));
    assert_eq!(parse(&message[..message.len() - 1]), Ok(HelloStep::Partial));
}

#[test]
fn every_beginning_of_a_hello_is_partial() {
    for (name, stream) in CAPTURED {
        for end in 0..stream.len() {
            assert_eq!(parse(&stream[..end]), Ok(HelloStep::Partial), "{name}, {end} bytes");
        }
        let followed = [stream, b"\x17anything"].concat();
        assert_eq!(parse(&followed), parse(stream));
    }
}

#[test]
fn bytes_that_are_no_hello_are_refused_as_soon_as_they_show_it() {
    for (name, stream, fault) in [
        ("plain HTTP", &b"G"[..], HelloFault::NotTls),
        ("another record", b"\x15", HelloFault::NotTls),
        ("another version", b"\x16\x02", HelloFault::NotTls),
        ("an empty record", b"\x16\x03\x01\x00\x00", HelloFault::RecordLength),
        ("a long record", b"\x16\x03\x01\x40\x01", HelloFault::RecordLength),
        ("a ServerHello", b"\x16\x03\x01\x00\x01\x02", HelloFault::NotClientHello),
        ("a long hello", b"\x16\x03\x01\x00\x04\x01\x00\x40\x01", HelloFault::TooLong),
        ("an empty hello", b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", HelloFault::Malformed),
    ] {
        assert_eq!(parse(stream), Err(fault), "{name}");
        assert_eq!(parse(&stream[..stream.len() - 1]), Ok(HelloStep::Partial), "{name}");
    }
}

/// A hello with these suites and extensions, in one record.
fn built(suites: &[u8], extensions: &[u8]) -> Vec<u8> {
    let long = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let random = [0; 32];
    let body = [&[3, 3], &random[..], &[0], &long(suites), &[1, 0], &long(extensions)].concat();
    let message = [&[1, 0], &long(&body)[..]].concat();
    [&[22, 3, 1], &long(&message)[..]].concat()
}

#[test]
fn lists_keep_their_bounds() {
    let suites = |count: usize| parse(&built(&[0; 2].repeat(count), &[]));
    assert!(suites(CIPHERS_MAX).is_ok());
    assert_eq!(suites(CIPHERS_MAX + 1), Err(HelloFault::TooMany));
    assert_eq!(parse(&built(&[0; 3], &[])), Err(HelloFault::Malformed));

    let extensions = |count: usize| parse(&built(&[0; 2], &[9, 9, 0, 0].repeat(count)));
    assert!(extensions(EXTENSIONS_MAX).is_ok());
    assert_eq!(extensions(EXTENSIONS_MAX + 1), Err(HelloFault::TooMany));

    let algorithms = |count: u8| {
        let list = [2 * u16::from(count) + 2, 2 * u16::from(count)].map(u16::to_be_bytes).concat();
        parse(&built(&[0; 2], &[&[0, 13], &list[..], &[0; 2].repeat(count.into())].concat()))
    };
    let most = u8::try_from(SIGNATURE_ALGORITHMS_MAX).unwrap();
    assert!(algorithms(most - 1).is_ok() && algorithms(most).is_ok());
    assert_eq!(algorithms(most + 1), Err(HelloFault::TooMany));

    let alpn = |count: u8| {
        let list = [&[0, 2 * count], &[1, b'x'].repeat(count.into())[..]].concat();
        let extension = [&[0, 16, 0, 2 * count + 2], &list[..]].concat();
        complete(&built(&[0; 2], &extension)).alpn.len()
    };
    assert_eq!(alpn(16), ALPN_MAX);
    assert_eq!(alpn(17), ALPN_MAX);
}

#[test]
fn a_server_name_that_is_no_text_is_not_given() {
    let named = |name: &[u8]| {
        let length = u8::try_from(name.len()).unwrap();
        let header = [0, 0, 0, length + 5, 0, length + 3, 0, 0, length];
        complete(&built(&[0; 2], &[&header, name].concat())).server_name
    };
    assert_eq!(named(b"WWW.example").as_deref(), Some("www.example"));
    assert_eq!(named(b"a b"), None);
    assert_eq!(named(b"\xff"), None);
}

proptest! {
    #[test]
    fn a_damaged_hello_never_panics(
        which in 0..CAPTURED.len(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut stream = CAPTURED[which].1.to_vec();
        let place = place.index(stream.len());
        stream[place] = byte;
        if let Ok(HelloStep::Complete(hello)) = parse(&stream) {
            prop_assert_eq!(ja4(&hello, Transport::Tcp).as_str().len(), 36);
        }
    }
}
