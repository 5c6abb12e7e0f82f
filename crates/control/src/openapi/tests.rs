use super::*;
use crate::incidents::tests::opened;
use crate::mitigations::tests::measure;
use crate::routes::tests::{Stand, with_token};
use axum::http::Method;
use expect_test::expect_file;
use seawall_types::WallTime;

fn described() -> serde_json::Value {
    serde_json::to_value(Description::openapi()).unwrap()
}

#[test]
fn the_description_reads_as_the_golden_file() {
    let text = serde_json::to_string_pretty(&Description::openapi()).unwrap() + "\n";
    expect_file!["golden.json"].assert_eq(&text);
}

#[tokio::test]
async fn every_described_path_is_answered_by_a_route() {
    let mut stand = Stand::loopback();
    // Without a main thread, commands are answered at once.
    stand.commands.close();
    stand.shared.note(WallTime(0), &opened("www-1"));
    stand.shared.publish_standing(&[measure()]);
    let description = described();
    let paths = description["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 18);
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let id = match &path {
                path if path.contains("mitigations") => "m17",
                path if path.contains("invites") => "i3",
                _ => "www-1",
            };
            let path = path.replace("{code}", "x").replace("{order}", "arm").replace("{id}", id);
            let request = with_token(method, &path);
            let status = stand.begin(request, "").await.status().as_u16();
            assert!(![401, 404, 405].contains(&status), "{path}: {status}");
        }
    }
}

#[test]
fn every_reference_leads_to_a_schema() {
    let description = described();
    let text = description.to_string();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    let mut references = 0;
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
        references += 1;
    }
    assert!(references > 5, "{references}");
}

#[test]
fn every_answer_is_described() {
    let description = described();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                assert_ne!(answer["description"].as_str(), None, "{path} {status}");
            }
        }
    }
}
