use super::*;
use std::fs::{self, Permissions};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("seawall-token-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("control.token")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_missing_token_is_made_for_its_owner_alone_and_stays() {
    let folder = Folder::new();
    let token = load_or_create(&folder.file()).unwrap();
    let mode = fs::metadata(folder.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let text = fs::read_to_string(folder.file()).unwrap();
    assert_eq!(text.trim_end().len(), 64);
    assert!(token.matches(text.trim_end()));
    assert!(load_or_create(&folder.file()).unwrap().matches(text.trim_end()));
    assert!(load(&folder.file()).unwrap().matches(text.trim_end()));

    let other = Folder::new();
    assert!(!load_or_create(&other.file()).unwrap().matches(text.trim_end()));
}

#[test]
fn a_token_that_others_can_read_or_write_is_refused_with_the_remedy() {
    let folder = Folder::new();
    load_or_create(&folder.file()).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(folder.file(), Permissions::from_mode(mode)).unwrap();
        let fault = load_or_create(&folder.file()).unwrap_err().to_string();
        let remedy = format!("run: chmod 600 {}", folder.file().display());
        assert!(fault.ends_with(&remedy), "{fault}");
        assert!(fault.contains(&format!("{mode:04o}")), "{fault}");
    }
    fs::set_permissions(folder.file(), Permissions::from_mode(0o400)).unwrap();
    assert!(load_or_create(&folder.file()).is_ok());
}

#[test]
fn a_file_that_holds_no_token_is_refused_and_left_alone() {
    let folder = Folder::new();
    for text in
        ["", "\n", "short", "two words of which none is a token, as it were", &"x".repeat(300)]
    {
        fs::write(folder.file(), text).unwrap();
        fs::set_permissions(folder.file(), Permissions::from_mode(0o600)).unwrap();
        let fault = load_or_create(&folder.file()).unwrap_err();
        assert!(matches!(fault, TokenFault::Unusable { .. }), "{fault}");
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), text);
    }
}

#[test]
fn a_folder_that_is_missing_is_named() {
    let fault = load_or_create(Path::new("/nonexistent/control.token")).unwrap_err();
    assert_eq!(fault.to_string(), "cannot create control token /nonexistent/control.token");
    let fault = load(Path::new("/nonexistent/control.token")).unwrap_err();
    let told = fault.to_string();
    assert!(told.starts_with("control token /nonexistent/control.token is missing; "), "{told}");
    assert!(told.contains("seawall run") && told.contains("control.token_file"), "{told}");
}

#[test]
fn a_token_is_never_shown_by_its_debug() {
    let text = "0123456789abcdef0123456789abcdef";
    let token: Token = text.parse().unwrap();
    assert!(!format!("{token:?}").contains("0123"));
    assert!(token.matches(text));
    assert!(!token.matches(&text[1..]));
    assert!(!token.matches(""));
    assert!("x".repeat(LENGTH_MIN - 1).parse::<Token>().is_err());
    assert!("x".repeat(LENGTH_MAX).parse::<Token>().is_ok());
    assert!("x".repeat(LENGTH_MAX + 1).parse::<Token>().is_err());
}
