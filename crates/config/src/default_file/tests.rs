use super::*;
use crate::parse;
use expect_test::expect_file;
use std::path::Path;

/// Every setting of the file in force: the `#` that stands right before one is gone.
fn uncommented(file: &str) -> String {
    let lines: Vec<&str> = file
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => setting,
            _ => line,
        })
        .collect();
    lines.join("\n")
}

#[test]
fn the_default_file_is_as_it_was_last_read_by_a_person() {
    expect_file!["../../tests/default.toml"].assert_eq(&default_file());
}

#[test]
fn the_default_file_with_every_setting_in_force_says_the_defaults() {
    let smallest = r#"state_dir = "/var/lib/seawall"
[[listener]]
address = "0.0.0.0:443"
tls = true
[[platform]]
name = "donate"
hosts = ["donate.example.org"]
origins = ["http://10.0.0.5:8080"]
certificate = "donate.pem"
key = "donate.key"
[packet]
interfaces = ["eth0"]
"#;
    let file = Path::new("/etc/seawall/seawall.toml");
    let read = |text: &str| parse(text, file).unwrap_or_else(|faults| panic!("{faults}"));
    let by_default = read(smallest);
    let mut written = read(&uncommented(&default_file()));
    // Lines alone may differ.
    written.listeners[0].line = by_default.listeners[0].line;
    written.platforms[0].line = by_default.platforms[0].line;
    written.platforms[0].certificate = by_default.platforms[0].certificate.clone();
    // A lane is an example from its first line to its last.
    assert_eq!(written.lanes.drain(..).count(), 1);
    assert_eq!(written, by_default);
}

#[test]
fn the_default_file_as_it_is_lacks_only_what_must_be_written() {
    let faults = parse(&default_file(), Path::new("seawall.toml")).unwrap_err();
    let keys: Vec<_> = faults.list().iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, ["state_dir", "listener", "platform"]);
}

#[test]
fn every_key_that_is_settled_stands_in_the_default_file_once() {
    let file = uncommented(&default_file());
    let settings = file.lines().filter(|line| !line.starts_with('#') && line.contains(" = "));
    assert_eq!(settings.count(), keys::all().filter(|spec| is_settled(spec)).count());
}
