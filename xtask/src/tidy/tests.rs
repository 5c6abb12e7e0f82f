use super::tree::{TextFile, Tree};
use super::{Finding, Weight, faults, look};
use std::path::Path;

fn tree(files: &[(&str, &str)]) -> Tree {
    let file = |(path, text): &(&str, &str)| TextFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    Tree::of(files.iter().map(file).collect())
}

/// What is found in a tree of these files, as `path:line what`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let said = |finding: Finding| {
        let mark = match finding.weight {
            Weight::Fault => "",
            Weight::Smell => "smell ",
        };
        format!("{mark}{}:{} {}", finding.path, finding.line, finding.what)
    };
    look(&tree(files)).into_iter().map(said).collect()
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(found(files), expected);
}

#[test]
fn the_tree_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let tree = Tree::read(root.expect("the workspace holds this crate")).expect("readable");
    let findings = look(&tree);
    let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(faults(&findings), 0, "\n{}\n", said.join("\n"));
    assert!(tree.file("xtask/src/tidy/tests.rs").is_some(), "this file was not read");
}

#[test]
fn a_sibling_edge_may_not_be_imported() {
    check(
        &[(
            "crates/proxy/Cargo.toml",
            "[package]\nname = \"seawall-proxy\"\n[dependencies]\nseawall-types = \"1\"\n\
             seawall-control.workspace = true\n",
        )],
        &[
            "crates/proxy/Cargo.toml:5 seawall-proxy (layer edge) imports seawall-control (layer edge)",
        ],
    );
}

#[test]
fn a_test_or_one_target_may_not_import_upwards_either() {
    check(
        &[(
            "crates/config/Cargo.toml",
            "[package]\nname = \"seawall-config\"\n[dev-dependencies]\nseawall-proxy = \"1\"\n\
             [target.'cfg(unix)'.dependencies.tokio]\nversion = \"1\"\n",
        )],
        &[
            "crates/config/Cargo.toml:4 seawall-config (layer forms) imports seawall-proxy (layer edge)",
            "crates/config/Cargo.toml:5 a crate of layer forms imports tokio",
        ],
    );
}

#[test]
fn a_crate_without_a_layer_is_found() {
    check(
        &[("crates/cellar/Cargo.toml", "[package]\nname = \"seawall-cellar\"\n")],
        &["crates/cellar/Cargo.toml:1 the crate seawall-cellar is in no layer"],
    );
}

#[test]
fn a_manifest_that_is_no_toml_is_found_with_its_line() {
    let found = found(&[("xtask/Cargo.toml", "[package]\nname = \n")]);
    assert!(found[0].starts_with("xtask/Cargo.toml:2 not TOML: "), "{found:?}");
}

#[test]
fn a_pure_crate_must_repeat_every_ban() {
    let manifest = ("crates/wire/Cargo.toml", "[package]\nname = \"seawall-wire\"\n");
    let bans = include_str!("../../../crates/wire/clippy.toml");
    check(&[manifest, ("crates/wire/clippy.toml", bans)], &[]);
    let fewer = bans.replace("std::time::SystemTime::now", "");
    check(
        &[manifest, ("crates/wire/clippy.toml", &fewer)],
        &[
            "crates/wire/clippy.toml:1 a crate that must replay lacks `path = \"std::time::SystemTime::now\"`",
        ],
    );
    assert_eq!(found(&[manifest]).len(), 15, "every ban and both thresholds");
}

#[test]
fn six_hundred_lines_pass_and_one_more_fails() {
    let at_most = "\n".repeat(600);
    check(&[("crates/a/tests/x.rs", &at_most)], &[]);
    let over = "\n".repeat(601);
    check(&[("crates/a/tests/x.rs", &over)], &["crates/a/tests/x.rs:601 601 lines, over 600"]);
}

#[test]
fn four_hundred_lines_of_code_are_no_smell_and_one_more_is() {
    let at_most = format!("{}{}", "x();\n".repeat(400), "// why\n".repeat(150));
    check(&[("crates/a/tests/x.rs", &at_most)], &[]);
    let over = "x();\n".repeat(401);
    check(
        &[("crates/a/tests/x.rs", &over)],
        &["smell crates/a/tests/x.rs:1 401 lines of code, over 400"],
    );
}

#[test]
fn a_mod_rs_is_found() {
    check(&[("crates/a/src/b/mod.rs", "//! B.\n")], &["crates/a/src/b/mod.rs:1 a mod.rs"]);
}

#[test]
fn a_claim_is_found_in_code_comments_and_texts_alike() {
    check(
        &[(
            "crates/a/src/b.rs",
            "//! B.\nstruct Attacker;\n// the BACKEND\nconst A: &str = \"blocklist\";\n",
        )],
        &[
            "crates/a/src/b.rs:2 `attacker`",
            "crates/a/src/b.rs:3 `backend`",
            "crates/a/src/b.rs:4 `blocklist`",
        ],
    );
}

#[test]
fn unwrap_is_found_in_service_code_only() {
    let file = "//! B.\nfn f() { x.unwrap() }\n// x.unwrap()\n#[cfg(test)]\nmod tests {\n    \
                fn g() { x.unwrap() }\n}\n";
    check(&[("crates/a/src/b.rs", file)], &["crates/a/src/b.rs:2 `.unwrap()`"]);
    check(&[("crates/a/src/b/tests.rs", file)], &[]);
}

#[test]
fn code_that_puts_work_off_is_found() {
    let put_off = concat!("// FIX", "ME: later");
    let file = format!(
        "//! B.\n#[allow(dead_code)]\nfn get_x() {{ todo!() }}\nfn g() {{ unimplemented!() }}\n{put_off}\n"
    );
    check(
        &[("crates/a/src/b.rs", &file)],
        &[
            "crates/a/src/b.rs:2 `#[allow(`",
            "crates/a/src/b.rs:3 `todo!`",
            "crates/a/src/b.rs:3 `fn get_`",
            "crates/a/src/b.rs:4 `unimplemented!`",
            concat!("crates/a/src/b.rs:5 `FIX", "ME`"),
        ],
    );
}

#[test]
fn a_module_name_that_says_nothing_is_found() {
    check(
        &[("crates/a/src/string_util.rs", "//! S.\n"), ("crates/a/src/utility.rs", "//! U.\n")],
        &["crates/a/src/string_util.rs:1 `string_util`"],
    );
}

#[test]
fn words_of_the_place_of_work_are_found_in_any_file() {
    let text = format!(
        "see {}\nin {}main\nin network/{}x\nas issue {} asks\n",
        concat!("bash", "_jobs"),
        concat!("/wo", "rk/"),
        concat!("wo", "rk/"),
        2
    );
    check(
        &[("docs/a.md", &text)],
        &[
            concat!("docs/a.md:1 `bash", "_jobs`"),
            concat!("docs/a.md:2 `/wo", "rk/`"),
            "docs/a.md:4 `an issue by its number`",
        ],
    );
}

#[test]
fn a_module_without_a_header_is_a_smell_and_a_crate_without_one_a_fault() {
    check(
        &[("crates/a/src/lib.rs", "mod b;\n"), ("crates/a/src/b.rs", "fn f() {}\n")],
        &["smell crates/a/src/b.rs:1 no `//!` header", "crates/a/src/lib.rs:1 no `//!` header"],
    );
}

#[test]
fn two_sentences_in_a_line_of_prose_are_a_smell() {
    check(
        &[(
            "docs/a.md",
            "One. \nOne here. Two here.\n| One here. Two here. |\n```\nOne here. Two here.\n```\n\
             By RFC 9000 §8.1. Then.\n",
        )],
        &["smell docs/a.md:2 two sentences in a line"],
    );
}
