//! Writes small tables in the MMDB format, since those of others may not be carried here.
//!
//! Records of 32 bits, a tree over IPv6 in which IPv4 lies in `::/96`, as the format wants it.

use std::net::IpAddr;

/// A value of a table.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(&'static str),
    Short(u16),
    Number(u32),
    Long(u64),
    Flag(bool),
    Map(Vec<(&'static str, Value)>),
}

/// `"key": value` as a map of one.
pub(crate) fn map(key: &'static str, value: Value) -> Value {
    Value::Map(vec![(key, value)])
}

/// The bytes of a table of these networks.
pub(crate) fn table(kind: &'static str, rows: &[(&str, Value)]) -> Vec<u8> {
    let mut nodes: Vec<[Slot; 2]> = vec![[Slot::Nothing; 2]];
    let mut data = Vec::new();
    for (network, value) in rows {
        let (address, prefix) = network.split_once('/').expect("a network");
        let (bits, prefix) = match address.parse().expect("an address") {
            IpAddr::V4(v4) => {
                (u128::from(u32::from(v4)), prefix.parse::<usize>().expect("a prefix") + 96)
            }
            IpAddr::V6(v6) => (u128::from(v6), prefix.parse().expect("a prefix")),
        };
        let offset = data.len();
        write(&mut data, value);
        let mut at = 0;
        for depth in 0..prefix {
            let side = usize::from((bits >> (127 - depth)) & 1 == 1);
            if depth + 1 == prefix {
                nodes[at][side] = Slot::Data(offset);
                break;
            }
            at = match nodes[at][side] {
                Slot::Node(next) => next,
                Slot::Nothing | Slot::Data(_) => {
                    nodes.push([Slot::Nothing; 2]);
                    nodes[at][side] = Slot::Node(nodes.len() - 1);
                    nodes.len() - 1
                }
            };
        }
    }
    let count = u32::try_from(nodes.len()).expect("few nodes");
    let mut bytes = Vec::new();
    for slot in nodes.iter().flatten() {
        let number = match slot {
            Slot::Nothing => count,
            Slot::Node(at) => u32::try_from(*at).expect("few nodes"),
            Slot::Data(offset) => count + 16 + u32::try_from(*offset).expect("few bytes"),
        };
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend([0; 16]);
    bytes.extend(data);
    bytes.extend(b"\xab\xcd\xefMaxMind.com");
    let metadata = Value::Map(vec![
        ("binary_format_major_version", Value::Short(2)),
        ("binary_format_minor_version", Value::Short(0)),
        ("build_epoch", Value::Long(1_772_323_200)),
        ("database_type", Value::Text(kind)),
        ("description", Value::Map(Vec::new())),
        ("ip_version", Value::Short(6)),
        ("node_count", Value::Number(count)),
        ("record_size", Value::Short(32)),
    ]);
    // Empty, so that it needs no array of its own in `Value`.
    let Value::Map(mut rows) = metadata else { return bytes };
    rows.sort_by_key(|(key, _)| *key);
    bytes.push(0b1110_0000 | u8::try_from(rows.len() + 1).expect("few keys"));
    write(&mut bytes, &Value::Text("languages"));
    bytes.extend([0, 4]);
    for (key, value) in &rows {
        write(&mut bytes, &Value::Text(key));
        write(&mut bytes, value);
    }
    bytes
}

#[derive(Debug, Clone, Copy)]
enum Slot {
    Nothing,
    Node(usize),
    Data(usize),
}

fn write(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(text) if text.len() < 29 => {
            bytes.push(0b0100_0000 | u8::try_from(text.len()).expect("short"));
            bytes.extend(text.as_bytes());
        }
        Value::Text(text) => {
            bytes.extend([0b0101_1101, u8::try_from(text.len() - 29).expect("short")]);
            bytes.extend(text.as_bytes());
        }
        Value::Short(number) => {
            bytes.push(0b1010_0010);
            bytes.extend(number.to_be_bytes());
        }
        // Extended type 9.
        Value::Long(number) => {
            bytes.extend([8, 2]);
            bytes.extend(number.to_be_bytes());
        }
        Value::Number(number) => {
            bytes.push(0b1100_0100);
            bytes.extend(number.to_be_bytes());
        }
        // Extended type 14; the size is the value.
        Value::Flag(is_set) => bytes.extend([u8::from(*is_set), 7]),
        Value::Map(rows) => {
            bytes.push(0b1110_0000 | u8::try_from(rows.len()).expect("few keys"));
            for (key, value) in rows {
                write(bytes, &Value::Text(key));
                write(bytes, value);
            }
        }
    }
}
