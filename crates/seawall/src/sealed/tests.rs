use super::*;
use seawall_evidence::sealed::KEPT_MS;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

/// A file as the shield writes it, of one source.
fn text(incident: &str, (address, mark): (&str, &str), until_ms: u64) -> String {
    let kept = until_ms + KEPT_MS;
    format!(
        "{{\"format\":1,\"incident\":\"{incident}\",\"platform\":\"www\",\"kept_until_ms\":{kept},\
         \"until_ms\":{until_ms},\"kept_because\":null,\"reached\":null,\"forgotten\":[]}}\n\
         {{\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA==\",\"source\":{{\"address\":\"{address}\",\"port\":40000,\
         \"first_ms\":1,\"last_ms\":2,\"requests\":20,\"peak_per_s\":7,\"mark\":\"{mark}\"}}}}\n"
    )
}

fn now() -> WallTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    WallTime(u64::try_from(now.as_millis()).unwrap())
}

/// A vault in a state folder of our own, with two files and one between them that is broken.
fn scratch(name: &str) -> (PathBuf, Vault) {
    let state = std::env::temp_dir().join(format!("seawall-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&state);
    fs::create_dir_all(state.join("sealed")).unwrap();
    let until = now().0;
    for (id, address, mark) in [("www-1", "192.0.2.1", "01"), ("www-3", "192.0.2.1", "01")] {
        fs::write(file(&state, id), text(id, (address, mark), until)).unwrap();
    }
    fs::write(file(&state, "www-2"), "no such file\n").unwrap();
    let vault = Vault::of(&state);
    (state, vault)
}

fn file(state: &Path, id: &str) -> PathBuf {
    state.join(format!("sealed/{id}.jsonl"))
}

fn done<T>(tried: Tried<T>) -> T {
    match tried {
        Tried::Done(done) => done,
        Tried::Busy => panic!("nobody else is there"),
    }
}

#[test]
fn a_file_that_cannot_be_read_keeps_no_other_from_being_erased_and_is_told() {
    let (state, vault) = scratch("erase");
    let address = "192.0.2.1".parse().unwrap();
    let swept = vault.erase(address, (Some("01"), now())).unwrap();
    assert_eq!((swept.files, swept.rows, swept.faults.len()), (2, 2, 1));
    assert!(swept.faults[0].to_string().contains("www-2"), "{}", swept.faults[0]);
    for id in ["www-1", "www-3"] {
        assert!(!fs::read_to_string(file(&state, id)).unwrap().contains("192.0.2.1"));
    }
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn who_is_erased_before_it_is_listed_is_marked_in_files_that_may_still_grow() {
    let (state, vault) = scratch("marks");
    fs::write(file(&state, "www-4"), text("www-4", ("192.0.2.4", "04"), 1)).unwrap();
    vault.erase("192.0.2.9".parse().unwrap(), (Some("09"), now())).unwrap();
    let holds = |id| fs::read_to_string(file(&state, id)).unwrap().contains("[\"09\"]");
    assert_eq!([holds("www-1"), holds("www-3"), holds("www-4")], [true, true, false]);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn what_is_over_its_time_is_removed_and_what_cannot_be_read_by_when_it_was_written() {
    let (state, vault) = scratch("sweep");
    let left = |state: &Path| fs::read_dir(state.join("sealed")).unwrap().count() - 1;
    assert_eq!(done(vault.sweep(now()).unwrap()).files, 0);
    assert_eq!(left(&state), 3);
    let later = WallTime(now().0 + KEPT_MS + 60_000);
    let swept = done(vault.sweep(later).unwrap());
    assert_eq!((swept.files, swept.faults.len(), left(&state)), (3, 0, 0));
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn the_shield_does_not_wait_for_a_command_that_is_at_work() {
    let (state, vault) = scratch("busy");
    let guard = vault.folder.lock().unwrap();
    assert!(matches!(vault.sweep(now()).unwrap(), Tried::Busy));
    assert!(matches!(vault.untold(&BTreeMap::new()).unwrap(), Tried::Busy));
    drop(guard);
    assert_eq!(done(vault.untold(&BTreeMap::new()).unwrap()).len(), 2);
    fs::remove_dir_all(state).unwrap();
}

#[test]
fn what_the_log_proves_already_is_not_told_again() {
    let (state, vault) = scratch("proofs");
    let of = |id: &str| vault.read(&id.parse().unwrap()).unwrap().unwrap();
    let proof = |id: &str| Proof { root: of(id).root().to_string(), at: WallTime(1) };
    let proofs = [("www-1".parse().unwrap(), proof("www-1"))].into();
    let untold = done(vault.untold(&proofs).unwrap());
    assert_eq!(untold, [of("www-3").fact()]);
    assert_eq!(done(vault.incidents().unwrap()).len(), 3);
    fs::remove_dir_all(state).unwrap();
}
