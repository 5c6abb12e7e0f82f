//! `Forwarded`: who asks, for which host, by which protocol (RFC 7239).

/// Writes the field's value, straight into the head.
///
/// An IPv6 address is quoted in brackets, and so is a host with a port: a colon is no part of a
/// token (RFC 7239 §4 and §6).
pub(super) fn write(head: &mut Vec<u8>, (client, proto): (&[u8], &str), host: Option<&[u8]>) {
    head.extend_from_slice(b"for=");
    if client.contains(&b':') {
        head.extend_from_slice(b"\"[");
        head.extend_from_slice(client);
        head.extend_from_slice(b"]\"");
    } else {
        head.extend_from_slice(client);
    }
    match host {
        Some(host) if host.iter().all(|byte| PLAIN[usize::from(*byte)]) => {
            head.extend_from_slice(b";host=");
            head.extend_from_slice(host);
        }
        Some(host) if !host.iter().any(|byte| matches!(byte, b'"' | b'\\')) => {
            head.extend_from_slice(b";host=\"");
            head.extend_from_slice(host);
            head.push(b'"');
        }
        // Neither gate nor engine lets such a host through.
        Some(_) | None => {}
    }
    head.extend_from_slice(b";proto=");
    head.extend_from_slice(proto.as_bytes());
}

/// Bytes that need no quotes; of a token's bytes, those that names are made of.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut nth = 0;
    while nth < 26 {
        plain[b'A' as usize + nth] = true;
        plain[b'a' as usize + nth] = true;
        if nth < 10 {
            plain[b'0' as usize + nth] = true;
        }
        nth += 1;
    }
    plain[b'-' as usize] = true;
    plain[b'.' as usize] = true;
    plain
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_hosts_are_quoted_where_a_token_ends() {
        for (client, proto, host, expected) in [
            ("192.0.2.1", "https", Some("a.example"), "for=192.0.2.1;host=a.example;proto=https"),
            ("192.0.2.1", "http", None, "for=192.0.2.1;proto=http"),
            (
                "2001:db8::1",
                "http",
                Some("a.example:8080"),
                "for=\"[2001:db8::1]\";host=\"a.example:8080\";proto=http",
            ),
            ("192.0.2.1", "https", Some("[::1]"), "for=192.0.2.1;host=\"[::1]\";proto=https"),
            ("192.0.2.1", "https", Some("a\"b"), "for=192.0.2.1;proto=https"),
        ] {
            let mut head = Vec::new();
            write(&mut head, (client.as_bytes(), proto), host.map(str::as_bytes));
            assert_eq!(String::from_utf8(head).unwrap(), expected);
        }
    }
}
