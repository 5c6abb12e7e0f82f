use super::*;
use std::fs;

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("seawall-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn record(path: &str) -> Record {
    Record { src: "192.0.2.1".to_owned(), path: path.to_owned(), ..Record::default() }
}

#[test]
fn the_folder_never_holds_more_than_it_may_and_keeps_the_newest() {
    let folder = scratch("rotation");
    let folder_max = 8_000;
    let mut files = Files::new(RecorderSetup { folder: folder.clone(), folder_max });
    for number in 0..1_000 {
        files.write(&record(&format!("/{number}"))).unwrap();
    }
    files.flush().unwrap();
    let mut contents: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    contents.sort();
    let held: usize = contents.iter().map(|(_, text)| text.len()).sum();
    assert!(held <= usize::try_from(folder_max).unwrap(), "{held}");
    assert!(held >= 5_000, "{held}");
    let newest = contents.last().unwrap().1.lines().last().unwrap();
    let newest: Record = serde_json::from_str(newest).unwrap();
    assert_eq!(newest.path, "/999");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_second_start_goes_on_behind_the_first() {
    let folder = scratch("restart");
    let setup = RecorderSetup { folder: folder.clone(), folder_max: 1 << 20 };
    for path in ["/first", "/second"] {
        let mut files = Files::new(setup.clone());
        files.write(&record(path)).unwrap();
        files.flush().unwrap();
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_was_put_before_a_flush_is_whole_on_disk_after_it() {
    let folder = scratch("flush");
    let setup = RecorderSetup { folder: folder.clone(), folder_max: 1 << 20 };
    let recorder = Recorder::start(setup, |_| Some("www".to_owned())).unwrap();
    for number in 0..100 {
        recorder.put(Box::new(RecordedRequest {
            record: record(&format!("/{number}")),
            platform: Some(PlatformId(0)),
            bytes: 7,
        }));
    }
    recorder.flush(Duration::from_secs(10));
    let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
    let text = fs::read_to_string(file.path()).unwrap();
    assert!(text.ends_with('\n'));
    let last: Record = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!((last.path.as_str(), text.lines().count()), ("/99", 100));
    assert_eq!((last.platform.as_deref(), recorder.lost()), (Some("www"), 0));
    fs::remove_dir_all(folder).unwrap();
}
