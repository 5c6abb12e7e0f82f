//! `CRC32c`, the checksum of a header (RFC 4960, appendix B).

/// The polynomial of Castagnoli, lowest bit first.
const POLYNOMIAL: u32 = 0x82F6_3B78;

/// The checksum of `header` with the four bytes at `hole` taken as zeros.
///
/// Bit by bit: a header is short, and few carry a checksum.
pub(super) fn crc32c(header: &[u8], hole: usize) -> u32 {
    let bytes = header.iter().enumerate();
    let sum = bytes.fold(u32::MAX, |sum, (at, &byte)| {
        let in_hole = (hole..hole + 4).contains(&at);
        (0..8).fold(sum ^ u32::from(if in_hole { 0 } else { byte }), |sum, _| {
            (sum >> 1) ^ (POLYNOMIAL & 0_u32.wrapping_sub(sum & 1))
        })
    });
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_published_examples() {
        // RFC 3720 §B.4; the hole lies behind the bytes.
        for (bytes, sum) in [
            (vec![0; 32], 0x8A91_36AA_u32),
            (vec![0xFF; 32], 0x62A8_AB43),
            ((0..32).collect(), 0x46DD_794E),
            (b"123456789".to_vec(), 0xE306_9283),
        ] {
            assert_eq!(crc32c(&bytes, bytes.len()), sum);
        }
        assert_eq!(crc32c(b"\x01\x02\x03\x04", 0), crc32c(&[0; 4], 4));
    }
}
