use super::*;
use expect_test::expect;
use proptest::prelude::*;
use std::fmt::{Debug, Write};

/// A table of texts, written `one|two`, and what `read` makes of each.
fn table<T: Debug>(texts: &str, read: impl Fn(&str) -> Result<T, Misread>) -> String {
    let mut table = String::new();
    for text in texts.split('|') {
        let said = match read(text) {
            Ok(value) => format!("{value:?}"),
            Err(misread) => format!("no: {misread:?}"),
        };
        writeln!(table, "{text:?} {said}").unwrap();
    }
    table
}

#[test]
fn a_duration_is_a_number_and_one_of_five_units() {
    let texts = "500ms|5s|1.5s|10m|1h|5 s|0s|100ms|99ms|2h|-5s|5|s|5d|5  s|1h30m|1e3s|infs|\
                 nans|.5s|5.s|1.2.3s||-|99999999999999999999h";
    let read = |text: &str| span(text, Duration::from_millis(100), Duration::from_hours(1));
    expect![[r#"
        "500ms" 500ms
        "5s" 5s
        "1.5s" 1.5s
        "10m" 600s
        "1h" 3600s
        "5 s" 5s
        "0s" no: Below
        "100ms" 100ms
        "99ms" no: Below
        "2h" no: Above
        "-5s" no: Below
        "5" no: Form
        "s" no: Form
        "5d" no: Above
        "5  s" no: Form
        "1h30m" no: Form
        "1e3s" no: Form
        "infs" no: Form
        "nans" no: Form
        ".5s" no: Form
        "5.s" no: Form
        "1.2.3s" no: Form
        "" no: Form
        "-" no: Form
        "99999999999999999999h" no: Above
    "#]]
    .assert_eq(&table(texts, read));
}

#[test]
fn a_size_is_whole_and_has_a_binary_unit() {
    let texts = "512 B|1KiB|64 KiB|1 MiB|2 MiB|511 B|-1 B|64 KB|64|1.5 KiB|1_000 B|\
                 18446744073709551615 TiB|99999999999999999999999 B";
    let read = |text: &str| size(text, ByteCount(512), ByteCount(1 << 20));
    expect![[r#"
        "512 B" ByteCount(512)
        "1KiB" ByteCount(1024)
        "64 KiB" ByteCount(65536)
        "1 MiB" ByteCount(1048576)
        "2 MiB" no: Above
        "511 B" no: Below
        "-1 B" no: Below
        "64 KB" no: Form
        "64" no: Form
        "1.5 KiB" no: Form
        "1_000 B" no: Form
        "18446744073709551615 TiB" no: Above
        "99999999999999999999999 B" no: Above
    "#]]
    .assert_eq(&table(texts, read));
}

#[test]
fn a_rate_is_off_or_above_zero() {
    let texts = "off|200 rps|0.5rps|0.001 rps|1000000 rps|1000001 rps|0 rps|-3 rps|12 rpm|\
                 200|on|1e2 rps";
    expect![[r#"
        "off" None
        "200 rps" Some(RequestRate(200.0))
        "0.5rps" Some(RequestRate(0.5))
        "0.001 rps" Some(RequestRate(0.001))
        "1000000 rps" Some(RequestRate(1000000.0))
        "1000001 rps" no: Above
        "0 rps" no: Below
        "-3 rps" no: Below
        "12 rpm" no: Form
        "200" no: Form
        "on" no: Form
        "1e2 rps" no: Form
    "#]]
    .assert_eq(&table(texts, rate));
}

#[test]
fn a_capacity_is_learned_or_told_in_one_of_two_units() {
    let texts = "auto|800 ms/s|40 concurrent|0.5 concurrent|0 ms/s|-1 concurrent|\
                 10000 concurrent|10001 concurrent|40|40 threads";
    expect![[r#"
        "auto" Auto
        "800 ms/s" Told(OriginCapacity(800.0))
        "40 concurrent" Told(OriginCapacity(40000.0))
        "0.5 concurrent" Told(OriginCapacity(500.0))
        "0 ms/s" no: Below
        "-1 concurrent" no: Below
        "10000 concurrent" Told(OriginCapacity(10000000.0))
        "10001 concurrent" no: Above
        "40" no: Form
        "40 threads" no: Form
    "#]]
    .assert_eq(&table(texts, capacity));
}

proptest! {
    #[test]
    fn a_span_of_whole_milliseconds_reads_back_as_it_is_written(ms in 0_u64..=86_400_000) {
        let whole = Duration::from_millis(ms);
        prop_assert_eq!(span(&written(whole), Duration::ZERO, Duration::from_hours(24)), Ok(whole));
    }

    #[test]
    fn a_size_reads_back_as_it_is_written(bytes in 0_u64..=1 << 50) {
        let count = ByteCount(bytes);
        prop_assert_eq!(size(&count.to_string(), ByteCount(0), ByteCount(1 << 50)), Ok(count));
    }

    #[test]
    fn a_rate_reads_back_as_it_is_written(per_second in 1e-3_f64..=RATE_MAX) {
        let written = RequestRate::new(per_second).unwrap();
        prop_assert_eq!(rate(&written.to_string()), Ok(Some(written)));
    }

    #[test]
    fn no_text_breaks_the_reading_of_a_quantity(text in "\\PC{0,12}|-?[0-9.]{0,25} ?[a-zKMGi/]{0,4}") {
        let _ = span(&text, Duration::ZERO, Duration::MAX);
        let _ = size(&text, ByteCount(0), ByteCount(u64::MAX));
        let _ = (rate(&text), capacity(&text));
    }
}
