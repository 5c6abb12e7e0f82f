//! The Huffman code of HPACK (RFC 7541 §5.2, Appendix B).
//!
//! The code is canonical: codes of one length follow one another in the order of their symbols,
//! and each length goes on where the one before ended.
//! So the lengths alone are kept, and the rest of Appendix B is computed from them.

/// Longest text that is decoded, in bytes; names are far shorter.
const TEXT_BYTES_MAX: usize = 256;
/// Bytes, and the end-of-string symbol.
const SYMBOLS: usize = 257;
const LONGEST: usize = 30;

/// Bits of each symbol's code.
#[rustfmt::skip]
const LENGTHS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
     6, 10, 10, 12, 13,  6,  8, 11, 10, 10,  8, 11,  8,  6,  6,  6,
     5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8, 15,  6, 12, 10,
    13,  6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
     7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8, 13, 19, 13, 14,  6,
    15,  5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,
     6,  7,  6,  5,  5,  6,  7,  7,  7,  7,  7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

/// The codes of one length.
#[derive(Clone, Copy)]
struct Row {
    first_code: u32,
    first_place: usize,
    codes: u32,
}

const ROWS: [Row; LONGEST + 1] = {
    let mut rows = [Row {
        first_code: 0,
        first_place: 0,
        codes: 0,
    }; LONGEST + 1];
    let (mut length, mut next_code, mut place) = (1, 0, 0);
    while length <= LONGEST {
        next_code <<= 1;
        let mut symbol = 0;
        let mut codes = 0;
        while symbol < SYMBOLS {
            codes += (LENGTHS[symbol] as usize == length) as u32;
            symbol += 1;
        }
        rows[length] = Row {
            first_code: next_code,
            first_place: place,
            codes,
        };
        next_code += codes;
        place += codes as usize;
        length += 1;
    }
    assert!(
        next_code == 1 << LONGEST,
        "every bit string is a code or begins one"
    );
    rows
};

/// Symbols by length of code, then by value.
const PLACES: [u16; SYMBOLS] = {
    let mut places = [0; SYMBOLS];
    let (mut length, mut place) = (1, 0);
    while length <= LONGEST {
        let mut symbol = 0_u16;
        while (symbol as usize) < SYMBOLS {
            if LENGTHS[symbol as usize] as usize == length {
                places[place] = symbol;
                place += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    places
};

/// The text that `coded` stands for; `None` for one that is not well formed or too long.
pub(super) fn decoded(coded: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let (mut code, mut length) = (0_u32, 0_usize);
    for bit in coded
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1))
    {
        code = code << 1 | u32::from(bit);
        length += 1;
        let row = ROWS.get(length)?;
        let Some(offset) = code
            .checked_sub(row.first_code)
            .filter(|offset| *offset < row.codes)
        else {
            continue;
        };
        let symbol = PLACES.get(row.first_place + offset as usize)?;
        if text.len() == TEXT_BYTES_MAX {
            return None;
        }
        // The end-of-string symbol is no byte, and no text may hold it.
        text.push(u8::try_from(*symbol).ok()?);
        (code, length) = (0, 0);
    }
    // What is left over is the beginning of the end-of-string code, shorter than a byte.
    (length < 8 && code == (1 << length) - 1).then_some(text)
}

#[cfg(test)]
mod tests;
