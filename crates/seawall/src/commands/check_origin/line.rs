//! One line of somebody else's answer: does it name an address, and how is it shown.

/// Whether `address` stands in `line` as a whole.
pub(super) fn names_address(line: &str, address: &str) -> bool {
    line.match_indices(address).any(|(at, _)| {
        let part = |c: char| c.is_ascii_hexdigit() || c == '.';
        let before = line[..at].chars().next_back();
        let mut after = line[at + address.len()..].chars();
        let (next, then) = (after.next(), after.next());
        let ends = match next {
            // The end of a sentence.
            Some('.') => !then.is_some_and(|c| c.is_ascii_digit()),
            Some(c) => !c.is_ascii_hexdigit(),
            None => true,
        };
        !before.is_some_and(part) && ends
    })
}

/// A line of somebody else's, short and without what could steer a terminal.
pub(super) fn cut(line: &str) -> String {
    const SHOWN_MAX: usize = 80;
    let clean = line.trim().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    clean.take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_as_a_whole_only() {
        for (line, found) in [
            ("Location: http://10.0.0.5:8080/x", true),
            ("served by 10.0.0.5.", true),
            ("10.0.0.5", true),
            ("110.0.0.5 10.0.0.51 10.0.0.5.1", false),
        ] {
            assert_eq!(names_address(line, "10.0.0.5"), found, "{line}");
        }
    }

    #[test]
    fn a_line_of_theirs_cannot_steer_the_terminal() {
        assert_eq!(cut(" a\u{1b}[2Jb "), "a\u{fffd}[2Jb");
        assert_eq!(cut(&"x".repeat(200)).len(), 80);
    }
}
