//! `cargo x bpf`: compiles the kernel's program and records what it was made of and by.
//!
//! The same source and compiler give the same bytes in any folder.
//! `cargo x bpf --check` compares instead of writing: the source's digest always, the bytes where this
//! compiler is the recorded one.

use crate::shell::{self, Failure};
use std::fs;
use std::path::Path;
use std::process::Command;

const SOURCES: [&str; 3] = ["kernel.h", "abi.h", "seawall.c"];
const FLAGS: [&str; 8] =
    ["-target", "bpf", "-mcpu=v3", "-O2", "-g", "-fdebug-compilation-dir=.", "-Wall", "-Werror"];

/// Compiles, and writes object and record.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    let folder = root.join("crates/packet");
    let target = folder.join("object/seawall.bpf.o");
    compile(&folder, &target)?;
    let record = record(&folder, &target)?;
    fs::write(folder.join("object/RECORD"), &record)
        .map_err(|cause| Failure::of("write the record", cause))?;
    print!("{record}");
    Ok(())
}

/// Compares what is committed with what this compiler makes.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    let folder = root.join("crates/packet");
    let committed = fs::read_to_string(folder.join("object/RECORD"))
        .map_err(|cause| Failure::of("read the record", cause))?;
    let fresh = root.join("target/seawall-check.bpf.o");
    fs::create_dir_all(root.join("target"))
        .map_err(|cause| Failure::of("make the folder target", cause))?;
    compile(&folder, &fresh)?;
    let made = record(&folder, &fresh)?;
    let line = |text: &str, name: &str| {
        text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned()
    };
    let same = |name: &str| line(&committed, name) == line(&made, name);
    if !same("source") {
        return Err(Failure::new("the object is of another source; run `cargo x bpf`"));
    }
    if !same("compiler") {
        println!(
            "not compared: the object was made by {}, this is {}",
            line(&committed, "compiler"),
            line(&made, "compiler")
        );
        return Ok(());
    }
    if same("object") {
        println!("the object is what this source compiles to, byte for byte");
        return Ok(());
    }
    Err(Failure::new("this source compiles to another object; run `cargo x bpf`"))
}

fn compile(folder: &Path, target: &Path) -> Result<(), Failure> {
    let mut clang = Command::new("clang");
    // The folder of the source, so that no other path is in the object.
    clang.current_dir(folder.join("bpf")).args(FLAGS).args(["-c", "seawall.c", "-o"]).arg(target);
    shell::capture(&mut clang)?;
    shell::capture(Command::new("llvm-strip").arg("-g").arg(target))?;
    Ok(())
}

fn record(folder: &Path, object: &Path) -> Result<String, Failure> {
    let version = shell::capture(Command::new("clang").arg("--version"))?;
    let compiler = version.lines().next().unwrap_or_default().trim().to_owned();
    let bpf = folder.join("bpf");
    let source =
        digest(&SOURCES.map(|name| bpf.join(name)).map(|path| path.display().to_string()))?;
    let object = digest(&[object.display().to_string()])?;
    Ok(format!("source {source}\ncompiler {compiler}\nobject {object}\n"))
}

/// The digest of files behind one another.
fn digest(paths: &[String]) -> Result<String, Failure> {
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat \"$@\" | sha256sum", "sh"]).args(paths);
    let told = shell::capture(&mut shell)?;
    Ok(told.split(' ').next().unwrap_or_default().to_owned())
}
