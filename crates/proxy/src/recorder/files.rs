//! The files of the recorder: appended, rotated, the oldest removed first.

use super::RecorderSetup;
use seawall_types::Record;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

/// A folder is cut into this many files, so that rotation gives up an eighth at most.
const FILES: u64 = 8;

/// The folder of records and the file being written.
#[derive(Debug)]
pub(super) struct Files {
    setup: RecorderSetup,
    current: Option<BufWriter<File>>,
    current_bytes: u64,
    next_number: u64,
}

impl Files {
    /// Files of `setup`'s folder; nothing is made before the first line.
    pub(super) fn new(setup: RecorderSetup) -> Self {
        Self { setup, current: None, current_bytes: 0, next_number: 0 }
    }

    /// Appends one line.
    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record).map_err(io::Error::other)?;
        line.push(b'\n');
        if self.current_bytes + line.len() as u64 > self.setup.folder_max / FILES {
            self.rotate()?;
        }
        if self.current.is_none() {
            self.current = Some(BufWriter::new(self.create()?));
        }
        if let Some(file) = &mut self.current
            && let Err(cause) = file.write_all(&line)
        {
            // A half line must not be followed by a whole one.
            self.current = None;
            self.current_bytes = 0;
            return Err(cause);
        }
        self.current_bytes += line.len() as u64;
        Ok(())
    }

    /// Hands what was written to the system.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.current.as_mut().map_or(Ok(()), Write::flush)
    }

    /// Closes the current file and makes room for another.
    fn rotate(&mut self) -> io::Result<()> {
        let closed = self.flush();
        self.current = None;
        self.current_bytes = 0;
        let files = self.numbered()?;
        let kept = usize::try_from(FILES - 1).unwrap_or(usize::MAX);
        let surplus = files.len().saturating_sub(kept);
        for (_, path) in &files[..surplus] {
            fs::remove_file(path)?;
        }
        closed
    }

    fn create(&mut self) -> io::Result<File> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.setup.folder)?;
        let newest = self.numbered()?.last().map_or(0, |(number, _)| number + 1);
        self.next_number = self.next_number.max(newest);
        let path = self.setup.folder.join(format!("requests-{:010}.jsonl", self.next_number));
        self.next_number += 1;
        OpenOptions::new().create_new(true).append(true).mode(0o600).open(path)
    }

    /// Record files by number, oldest first.
    fn numbered(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.setup.folder)? {
            let path = entry?.path();
            let number = path
                .file_name()
                .and_then(|name| name.to_str())
                .and_then(|name| name.strip_prefix("requests-")?.strip_suffix(".jsonl"))
                .and_then(|number| number.parse().ok());
            if let Some(number) = number {
                files.push((number, path));
            }
        }
        files.sort_unstable();
        Ok(files)
    }
}
