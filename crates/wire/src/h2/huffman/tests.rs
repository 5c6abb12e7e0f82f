use super::*;

/// Hexadecimal text to bytes.
fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.replace(' ', "").to_ascii_uppercase();
    data_encoding::HEXUPPER.decode(digits.as_bytes()).unwrap()
}

fn text(hex: &str) -> Option<String> {
    decoded(&bytes(hex)).map(|text| String::from_utf8(text).unwrap())
}

#[test]
fn the_examples_of_the_standard_decode() {
    for (coded, plain) in [
        ("f1e3 c2e5 f23a 6ba0 ab90 f4ff", "www.example.com"),
        ("a8eb 1064 9cbf", "no-cache"),
        ("25a8 49e9 5ba9 7d7f", "custom-key"),
        ("25a8 49e9 5bb8 e8b4 bf", "custom-value"),
        ("6402", "302"),
        ("aec3 771a 4b", "private"),
        ("d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff", "Mon, 21 Oct 2013 20:13:21 GMT"),
        ("9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3", "https://www.example.com"),
        ("640e ff", "307"),
        ("9bd9 ab", "gzip"),
    ] {
        assert_eq!(text(coded).as_deref(), Some(plain), "{coded}");
    }
}

/// Codes of Appendix B of every length but a few, by symbol.
#[test]
fn codes_of_the_appendix_stand_at_their_symbols() {
    for (symbol, code, length) in [
        (b'0', 0x0_u64, 5),
        (b't', 0x9, 5),
        (b' ', 0x14, 6),
        (b'u', 0x2d, 6),
        (b':', 0x5c, 7),
        (b'&', 0xf8, 8),
        (b'!', 0x3f8, 10),
        (b'|', 0x7fc, 11),
        (b'#', 0xffa, 12),
        (b'$', 0x1ff9, 13),
        (b'^', 0x3ffc, 14),
        (b'<', 0x7ffc, 15),
        (b'\\', 0x7fff0, 19),
        (0x80, 0xf_ffe6, 20),
        (0x99, 0x1f_ffdc, 21),
        (0x81, 0x3f_ffd2, 22),
        (0x01, 0x7f_ffd8, 23),
        (0x09, 0xff_ffea, 24),
        (0xc7, 0x1ff_ffec, 25),
        (0xc0, 0x3ff_ffe0, 26),
        (0xcb, 0x7ff_ffde, 27),
        (0x7f, 0xfff_fffc, 28),
        (b'\r', 0x3fff_fffd, 30),
    ] {
        let padded = (code << (40 - length)) | ((1 << (40 - length)) - 1);
        let whole = usize::div_ceil(length, 8);
        let coded = &padded.to_be_bytes()[3..3 + whole];
        assert_eq!(decoded(coded), Some(vec![symbol]), "{symbol:#x}");
    }
}

#[test]
fn every_text_is_decoded_from_its_code_and_no_other() {
    assert_eq!(text("").as_deref(), Some(""));
    assert_eq!(text("ff"), None, "padding of a whole byte");
    assert_eq!(text("0000"), None, "padding of zeros");
    assert_eq!(text("ffff ffff"), None, "the end of string");
    assert_eq!(text("ffff ffff ff"), None, "more than the end of string");
}

#[test]
fn a_text_beyond_the_limit_is_not_decoded() {
    // Eight times the five zero bits of '0'.
    let zeros = |texts: usize| decoded(&[0; 5].repeat(texts));
    assert_eq!(zeros(TEXT_BYTES_MAX / 8).map(|text| text.len()), Some(TEXT_BYTES_MAX));
    assert_eq!(zeros(TEXT_BYTES_MAX / 8 + 1), None);
}
