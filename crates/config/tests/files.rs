//! Every key that names a file is among the files that a configuration needs, so that the shield keeps the
//! right to reach what it will read.

use seawall_config::parse;
use std::collections::BTreeSet;
use std::path::Path;

/// Every key whose value is a path, each with a name of its own.
const EVERY_PATH: &str = r#"
state_dir = "named/state_dir"
control = { token_file = "named/token_file" }
[[listener]]
address = "192.0.2.1:443"
tls = true
[[platform]]
name = "www"
hosts = ["www.example.org"]
origins = ["https://origin.example.org"]
certificate = "named/certificate"
key = "named/key"
origin_ca = "named/origin_ca"
origin_certificate = "named/origin_certificate"
origin_key = "named/origin_key"
origin_secret_header = "X-Ours"
origin_secret_file = "named/origin_secret_file"
error_page = "named/error_page"
maintenance = "named/maintenance"
[geo]
country = "named/country"
network = "named/network"
[[lane]]
name = "staff"
client_ca_file = "named/client_ca_file"
[[lane]]
name = "partners"
keys_file = "named/keys_file"
[[lane]]
name = "hooks"
webhook_secret_file = "named/webhook_secret_file"
webhook_paths = ["/hook"]
[[lane]]
name = "crawlers"
agents = ["Examplebot"]
ranges_file = "named/ranges_file"
[[lane]]
name = "bots"
bot_keys_file = "named/bot_keys_file"
"#;

/// What the written file of defaults says of a key that names a file.
const OF_A_PATH: &str = "a path; a relative one starts from the file's folder.";

#[test]
fn every_key_that_names_a_file_is_among_the_files() {
    let config = parse(EVERY_PATH, Path::new("/etc/seawall/seawall.toml"));
    let config = config.unwrap_or_else(|faults| panic!("{faults}"));
    let files: BTreeSet<_> = config.files().map(|path| path.display().to_string()).collect();
    let wanted: BTreeSet<_> = documented().map(|key| format!("/etc/seawall/named/{key}")).collect();
    assert_eq!(files, wanted);
}

#[test]
fn a_file_without_them_needs_its_folder_and_the_token_in_it_alone() {
    let text = "state_dir = \"/s\"\n[[listener]]\naddress = \"192.0.2.1:80\"\n[[platform]]\n\
                name = \"www\"\nhosts = [\"www.example.org\"]\norigins = [\"http://192.0.2.9\"]\n";
    let config = parse(text, Path::new("seawall.toml")).unwrap_or_else(|faults| panic!("{faults}"));
    let files: Vec<_> = config.files().map(|path| path.display().to_string()).collect();
    assert_eq!(files, ["/s", "/s/control.token"]);
}

/// Keys that are documented as paths.
fn documented() -> impl Iterator<Item = &'static str> {
    let lines: Vec<&str> = include_str!("default.toml").lines().collect();
    let pairs: Vec<_> = lines.windows(2).map(|pair| (pair[0], pair[1])).collect();
    pairs
        .into_iter()
        .filter(|(said, _)| said.ends_with(OF_A_PATH))
        .filter_map(|(_, key)| key.trim_start_matches('#').split_once(" = ").map(|(name, _)| name))
}
