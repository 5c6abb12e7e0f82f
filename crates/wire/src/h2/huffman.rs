//! The Huffman code of HPACK (RFC 7541 §5.2, Appendix B).
//!
//! The code is canonical: codes of one length follow one another in the order of their symbols,
//! and each length goes on where the one before ended.
//! So the lengths alone are kept, and the rest of Appendix B is computed from them.

/// Longest text that is decoded, in bytes; names are far shorter.
const TEXT_BYTES_MAX: usize = 256;
/// Bytes, and the end-of-string symbol.
const SYMBOLS: usize = 257;
const LONGEST: u32 = 30;

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

/// The codes of one length, written at the top of 32 bits.
#[derive(Clone, Copy)]
struct Row {
    length: u32,
    first_code: u64,
    first_place: usize,
    /// Behind the last of them; the next longer codes begin here.
    end: u64,
}

/// Lengths that have codes.
const LENGTHS_USED: usize = 21;

/// By length.
const ROWS: [Row; LENGTHS_USED] = {
    let none = Row { length: 0, first_code: 0, first_place: 0, end: 0 };
    let mut rows = [none; LENGTHS_USED];
    let (mut length, mut row, mut next_code, mut place) = (1, 0, 0, 0);
    while length <= LONGEST {
        let first_place = place;
        let mut symbol = 0;
        while symbol < SYMBOLS {
            place += (LENGTHS[symbol] as u32 == length) as usize;
            symbol += 1;
        }
        if place > first_place {
            let first_code = next_code;
            next_code += ((place - first_place) as u64) << (32 - length);
            rows[row] = Row { length, first_code, first_place, end: next_code };
            row += 1;
        }
        length += 1;
    }
    assert!(
        row == LENGTHS_USED && next_code == 1 << 32,
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
            if LENGTHS[symbol as usize] as u32 == length {
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
    let mut text = Vec::with_capacity((2 * coded.len()).min(TEXT_BYTES_MAX));
    let mut bytes = coded.iter();
    // The bits under way, at the top; what is below `held` of them is zero.
    let (mut bits, mut held) = (0_u64, 0_u32);
    loop {
        while held <= u64::BITS - 8
            && let Some(byte) = bytes.next()
        {
            bits |= u64::from(*byte) << (u64::BITS - 8 - held);
            held += 8;
        }
        let code = bits >> 32;
        let row = ROWS.iter().find(|row| code < row.end)?;
        if row.length > held {
            break;
        }
        if text.len() == TEXT_BYTES_MAX {
            return None;
        }
        let offset = (code - row.first_code) >> (32 - row.length);
        let symbol = PLACES.get(row.first_place + usize::try_from(offset).ok()?)?;
        // The end-of-string symbol is no byte, and no text may hold it.
        text.push(u8::try_from(*symbol).ok()?);
        bits <<= row.length;
        held -= row.length;
    }
    // What is left over is the beginning of the end-of-string code, shorter than a byte.
    let padding = !(u64::MAX >> held);
    (held < 8 && bits == padding).then_some(text)
}

#[cfg(test)]
mod tests;
