//! Hostile and odd files: the corpus of the fuzz target, and files made at random.

use proptest::prelude::*;
use seawall_config::{default_file, keys, parse};
use std::fs;
use std::path::Path;

#[path = "../../../fuzz/src/config.rs"]
pub mod target;

#[test]
fn every_file_of_the_corpus_keeps_the_promises_of_the_reading() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/config");
    let mut accepted = 0;
    let mut refused = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let data = fs::read(entry.unwrap().path()).unwrap();
        target::config(&data);
        match str::from_utf8(&data).map(|text| parse(text, Path::new("seawall.toml"))) {
            Ok(Ok(_)) => accepted += 1,
            Ok(Err(_)) | Err(_) => refused += 1,
        }
    }
    assert!(accepted >= 8 && refused >= 16, "{accepted} accepted, {refused} refused");
}

/// Values that fit some key, nearly fit one, or fit none.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[0-9]{1,22}",
        "\"-?[0-9]{1,3}(\\.[0-9])? ?(s|ms|m|h|rps|ms/s|concurrent|B|KiB|GiB)\"",
        "\"(off|none|auto|all|native|observe|drop|h1|h3)\"",
        "\"(http|https|ftp)://[a-z0-9.:\\[\\]]{0,12}/?\"",
        "\"[0-9.:/a-f\\[\\]]{0,18}\"",
        "\\[(\"(h1|h2|h3|a\\.b|\\*\\.c|/x|192\\.0\\.2\\.0/24|http://a:1)\", ?){0,4}\\]",
        "true|false|1979-05-27|1\\.5|inf|nan|\\{\\}|\\[\\]|\\[\\[1\\]\\]|'''\n\n'''|\"\\\\u0007\"",
        "[\\PC]{0,8}",
    ]
}

/// Lines of a file: heads of tables, known keys and unknown ones, in any order.
fn line() -> impl Strategy<Value = String> {
    let names: Vec<&'static str> = keys::all().map(keys::KeySpec::name).collect();
    let tables: Vec<&'static str> = keys::TABLES.iter().map(|table| table.name).collect();
    let table = prop::sample::select(tables);
    prop_oneof![
        8 => (prop::sample::select(names), value()).prop_map(|(name, value)| format!("{name} = {value}")),
        1 => ("[a-z_.\"]{1,9}", value()).prop_map(|(name, value)| format!("{name} = {value}")),
        2 => table.clone().prop_map(|table| format!("[[{table}]]")),
        2 => table.prop_map(|table| format!("[{table}]")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn bytes_at_random_keep_the_promises(data in prop::collection::vec(any::<u8>(), 0..256)) {
        target::config(&data);
    }

    #[test]
    fn characters_that_mean_something_in_toml_keep_the_promises(
        text in "[\\[\\]{}=.,\"'#\\\\a-c0-9_ \n\r\t-]{0,200}"
    ) {
        target::config(text.as_bytes());
    }

    #[test]
    fn keys_and_values_at_random_keep_the_promises(lines in prop::collection::vec(line(), 0..24)) {
        target::config(lines.join("\n").as_bytes());
    }

    #[test]
    fn a_default_file_with_one_byte_changed_keeps_the_promises(at in any::<prop::sample::Index>(), byte: u8) {
        let mut file = default_file().replace("\n#", "\n").into_bytes();
        let at = at.index(file.len());
        file[at] = byte;
        target::config(&file);
    }
}
