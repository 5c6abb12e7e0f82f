use super::*;
use crate::check::check;
use crate::lines::Lines;
use std::collections::BTreeSet;
use toml::de::DeValue;

/// The misfits of a value that the table itself gives.
fn misfits(spec: &KeySpec, toml: &str) -> Vec<String> {
    let value = DeValue::parse(toml).unwrap_or_else(|error| panic!("{}: {error}", spec.key));
    let checked = check(spec, &value, &Lines::new(toml));
    checked.misfits.into_iter().map(|misfit| misfit.says).collect()
}

#[test]
fn every_default_and_every_example_fits_its_own_key() {
    for spec in all() {
        if let Preset::Toml(toml) = spec.default {
            assert_eq!(misfits(spec, toml), Vec::<String>::new(), "{}", spec.key);
        }
        if let Some(toml) = spec.example {
            assert_eq!(misfits(spec, toml), Vec::<String>::new(), "{}", spec.key);
        }
    }
}

#[test]
fn every_key_stands_once_in_a_known_table_and_says_why() {
    let keys: BTreeSet<_> = all().map(|spec| spec.key).collect();
    assert_eq!(keys.len(), all().count());
    for spec in all() {
        assert!(TABLES.iter().any(|table| table.name == spec.table()), "{}", spec.key);
        assert!(spec.why.ends_with('.') && !spec.kind.bounds().is_empty(), "{}", spec.key);
    }
    for table in &TABLES {
        assert_ne!(of_table(table.name).count(), 0, "{}", table.name);
    }
}

#[test]
fn a_key_whose_default_cannot_be_written_has_an_example() {
    for spec in all() {
        if matches!(spec.default, Preset::Required | Preset::Derived(_)) {
            assert!(spec.example.is_some(), "{}", spec.key);
        }
    }
}

#[test]
fn every_word_without_its_part_is_a_word_of_its_key() {
    for spec in all() {
        if let Built::Without { words, .. } = spec.built {
            let (Kind::Word(known) | Kind::Words(known)) = spec.kind else {
                panic!("{} has no words", spec.key);
            };
            assert!(words.iter().all(|word| known.contains(word)), "{}", spec.key);
        }
    }
}

#[test]
fn a_slip_of_the_pen_is_understood_and_nonsense_is_not() {
    for (written, meant) in [
        ("limits.source_rsp", Some("limits.source_rps")),
        ("limits.drain", Some("drain")),
        ("sate_dir", Some("state_dir")),
        ("platfrom.name", Some("platform.name")),
        ("listener.origins", Some("platform.origins")),
        ("log.maxsize", Some("log.max_size")),
        ("platform.certficate", Some("platform.certificate")),
        ("qwertyuiop", None),
        ("limits.zzz", None),
        ("", None),
    ] {
        assert_eq!(nearest_key(written), meant, "{written}");
    }
    assert_eq!(nearest_key(&"drain".repeat(100)), None);
    assert_eq!(nearest_table("platforms"), Some("platform"));
    assert_eq!(nearest_table("x"), None);
}
