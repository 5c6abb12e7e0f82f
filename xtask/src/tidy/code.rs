//! Rust source with everything that is not code blanked, so that a word in a comment or a text is
//! not taken for code.
//!
//! Lines keep their numbers and columns.
//! Knows comments, texts, raw texts and characters; no other grammar.

/// `text` with comments, texts and characters turned to spaces.
pub(super) fn code_only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = hidden_end(bytes, at);
        if end == at {
            code.push(visible(byte));
            at += 1;
            continue;
        }
        code.extend(bytes[at..end].iter().map(|byte| match byte {
            b'\n' => '\n',
            _ => ' ',
        }));
        at = end;
    }
    code
}

/// `code` (as [`code_only`] gives it) with every item under `#[cfg(test)]` turned to spaces.
pub(super) fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = code.to_owned();
    let mut from = 0;
    while let Some(found) = code[from..].find(MARK) {
        let start = from + found;
        let end = item_end(code, start + MARK.len());
        let blank: String =
            code[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        kept.replace_range(start..end, &blank);
        from = end;
    }
    kept
}

/// Where the item that follows `from` ends: behind its `;` or its closing brace.
fn item_end(code: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b';' if depth == 0 => return at + 1,
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

fn visible(byte: u8) -> char {
    if byte.is_ascii() { char::from(byte) } else { ' ' }
}

/// Where the comment, text or character that begins at `at` ends; `at` itself if code stands there.
fn hidden_end(bytes: &[u8], at: usize) -> usize {
    match &bytes[at..] {
        [b'/', b'/', ..] => find(bytes, at, b"\n"),
        [b'/', b'*', ..] => comment_end(bytes, at),
        [b'"', ..] => text_end(bytes, at + 1, b'"'),
        [b'r', b'"' | b'#', ..] => raw_end(bytes, at),
        [b'\'', b'\\', ..] => text_end(bytes, at + 1, b'\''),
        [b'\'', rest @ ..] if is_character(rest) => text_end(bytes, at + 1, b'\''),
        _ => at,
    }
}

/// Whether a character and its closing quote follow, rather than the name of a lifetime.
fn is_character(rest: &[u8]) -> bool {
    let length = rest.iter().skip(1).take_while(|byte| **byte & 0xC0 == 0x80).count();
    rest.get(length + 1) == Some(&b'\'')
}

/// Where `needle` stands at or after `at`, or the end.
fn find(bytes: &[u8], at: usize, needle: &[u8]) -> usize {
    bytes[at..]
        .windows(needle.len())
        .position(|window| window == needle)
        .map_or(bytes.len(), |found| at + found)
}

fn comment_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Behind the closing `quote`, skipping what a backslash escapes.
fn text_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'\\' => 2,
            _ if byte == quote => return at + 1,
            _ => 1,
        };
    }
    bytes.len()
}

/// Behind `r"…"` or `r#"…"#`; `start` itself for a raw name such as `r#type`.
fn raw_end(bytes: &[u8], start: usize) -> usize {
    let hashes = bytes[start + 1..].iter().take_while(|byte| **byte == b'#').count();
    let open = start + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return start;
    }
    let mut close = vec![b'"'];
    close.resize(hashes + 1, b'#');
    (find(bytes, open + 1, &close) + close.len()).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(code_only(text), expected);
    }

    #[test]
    fn comments_and_texts_are_blanked_and_lines_stay() {
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d */ e", "a                   e");
        check("f(\"a\\\"b\") + 1", "f(      ) + 1");
        check("f(\"a\nb\")", "f(  \n  )");
    }

    #[test]
    fn raw_texts_end_where_their_hashes_do() {
        check("x(r\"a\\\") + y", "x(     ) + y");
        check("x(r#\"a\"b\"#) + y", "x(        ) + y");
        check("r#type + y", "r#type + y");
    }

    #[test]
    fn a_character_is_blanked_and_a_lifetime_is_not() {
        check("m('\"', '\\'', 'é')", "m(   ,     ,     )");
        check("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)");
    }

    #[test]
    fn an_item_under_cfg_test_is_blanked_to_its_closing_brace() {
        let code = "a();\n#[cfg(test)]\nmod tests {\n fn f() { x() }\n}\nb();";
        let kept = without_tests(code);
        assert_eq!(kept.split_whitespace().collect::<Vec<_>>(), ["a();", "b();"]);
        assert_eq!(kept.lines().count(), code.lines().count());
        let declared = without_tests("#[cfg(test)]\nmod tests;\nb();");
        assert_eq!(declared.trim(), "b();");
    }
}
