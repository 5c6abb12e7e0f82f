//! Which bytes may stand where: one table of 256 entries, a bit for each grammar.

/// A byte of a field name: a token (RFC 9110 §5.6.2) without the underscore.
///
/// Gateways that map names to variables read `_` as `-`, so `Content_Length` would be two things.
pub(super) const NAME: u8 = 1;
/// A byte of a method: upper case or a hyphen.
pub(super) const METHOD: u8 = 2;
/// A byte of a host name: letter, digit, hyphen, dot, or the underscore that some names bear.
pub(super) const HOST: u8 = 4;
/// A decimal digit.
pub(super) const DIGIT: u8 = 8;
/// What a field value or a chunk extension may hold: no control byte but the tab.
pub(super) const TEXT: u8 = 16;
/// A byte of a request target: visible ASCII but `#`, since a fragment is never sent (RFC 9112 §3.2).
pub(super) const TARGET: u8 = 32;
/// Visible ASCII, space and tab.
pub(super) const PLAIN: u8 = 64;

const CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = classes_of(byte);
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

const fn classes_of(byte: u8) -> u8 {
    let mut bits = 0;
    if byte.is_ascii_alphanumeric() {
        bits |= NAME | HOST;
    }
    if matches!(
        byte,
        b'!' | b'#'
            | b'$'
            | b'%'
            | b'&'
            | b'\''
            | b'*'
            | b'+'
            | b'-'
            | b'.'
            | b'^'
            | b'`'
            | b'|'
            | b'~'
    ) {
        bits |= NAME;
    }
    if byte.is_ascii_uppercase() || byte == b'-' {
        bits |= METHOD;
    }
    if matches!(byte, b'-' | b'.' | b'_') {
        bits |= HOST;
    }
    if byte.is_ascii_digit() {
        bits |= DIGIT;
    }
    if byte == b'\t' || (byte >= b' ' && byte != 0x7f) {
        bits |= TEXT;
    }
    // What a URI never holds (RFC 3986 §2) and the engine behind would refuse without a word.
    if byte.is_ascii_graphic() && !matches!(byte, b'#' | b'<' | b'>' | b'"') {
        bits |= TARGET;
    }
    if byte.is_ascii_graphic() || byte == b' ' || byte == b'\t' {
        bits |= PLAIN;
    }
    bits
}

/// Whether `byte` belongs to `class`.
#[inline]
pub(super) const fn is(byte: u8, class: u8) -> bool {
    CLASSES[byte as usize] & class != 0
}

/// How many bytes at the front of `bytes` belong to `class`.
///
/// Looks at eight without asking whether there are more, which is where most names end.
#[inline]
pub(super) fn run(bytes: &[u8], class: u8) -> usize {
    let (blocks, tail) = bytes.as_chunks::<8>();
    for (index, block) in blocks.iter().enumerate() {
        if let Some(place) = block.iter().position(|&byte| !is(byte, class)) {
            return 8 * index + place;
        }
    }
    let last = tail.iter().position(|&byte| !is(byte, class));
    bytes.len() - tail.len() + last.unwrap_or(tail.len())
}

/// Whether `bytes` are `word`, in upper or lower case; the word is of small letters, digits and
/// hyphens.
///
/// Takes CR for a hyphen and DLE for a zero: good enough for names, which have neither, and for
/// values of a head that is swept before it passes.
#[inline]
pub(super) fn is_word<const BYTES: usize>(bytes: &[u8], word: &[u8; BYTES]) -> bool {
    <&[u8; BYTES]>::try_from(bytes).is_ok_and(|bytes| bytes.map(|byte| byte | 0x20) == *word)
}

/// `bytes` without the spaces and tabs around them (OWS of RFC 9110 §5.6.3).
#[inline]
pub(super) fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}
