//! The program as it was compiled: shipped with the source, so that building needs no clang.

/// Bytes aligned as the reader of objects wants them.
#[repr(C, align(32))]
struct Aligned<T: ?Sized>(T);

static ALIGNED: &Aligned<[u8]> = &Aligned(*include_bytes!("../object/seawall.bpf.o"));

/// The program's object.
pub fn object() -> &'static [u8] {
    &ALIGNED.0
}

/// What the object was made of and by: `name value`, one a line.
pub const RECORD: &str = include_str!("../object/RECORD");

/// The value of a line of [`RECORD`].
pub fn recorded(name: &str) -> Option<&'static str> {
    let line = RECORD.lines().find(|line| line.split(' ').next() == Some(name))?;
    Some(line.split_once(' ')?.1)
}
