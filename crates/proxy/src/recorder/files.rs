//! The files of the recorder: appended, rotated, the oldest removed first.

use super::RecorderSetup;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

/// A folder is cut into this many files, so that rotation gives up an eighth at most.
const FILES: u64 = 8;

/// The folder of records and the file being written.
#[derive(Debug)]
pub(super) struct Files {
    setup: RecorderSetup,
    current: Option<File>,
    current_bytes: u64,
    next_number: u64,
}

impl Files {
    /// Files of `setup`'s folder; nothing is made before the first line.
    pub(super) fn new(setup: RecorderSetup) -> Self {
        Self { setup, current: None, current_bytes: 0, next_number: 0 }
    }

    /// Appends whole lines, each of which ends in a line feed.
    pub(super) fn write(&mut self, mut lines: &[u8]) -> io::Result<()> {
        while !lines.is_empty() {
            let fit = self.fitting(lines);
            if fit == 0 {
                self.close();
                continue;
            }
            let (now, later) = lines.split_at(fit);
            self.append(now)?;
            lines = later;
        }
        Ok(())
    }

    /// Bytes of the lines that the current file has room for; the first line goes into an empty one.
    fn fitting(&self, lines: &[u8]) -> usize {
        let room = (self.setup.folder_max / FILES).saturating_sub(self.current_bytes);
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(lines.len());
        let end = |at: usize| at + 1;
        match lines[..room].iter().rposition(|byte| *byte == b'\n') {
            Some(at) => end(at),
            None if self.current_bytes > 0 => 0,
            None => lines.iter().position(|byte| *byte == b'\n').map_or(lines.len(), end),
        }
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.current.is_none() {
            self.current = Some(self.create()?);
        }
        if let Some(file) = &mut self.current
            && let Err(cause) = file.write_all(lines)
        {
            // A half line must not be followed by a whole one; and a disk that stays full must not get
            // a file for each try, which would push out those that hold something.
            if file.set_len(self.current_bytes).is_err() {
                self.close();
            }
            return Err(cause);
        }
        self.current_bytes += lines.len() as u64;
        Ok(())
    }

    fn close(&mut self) {
        self.current = None;
        self.current_bytes = 0;
    }

    /// Makes a file, and room for it: the oldest are removed, those of earlier starts among them.
    fn create(&mut self) -> io::Result<File> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.setup.folder)?;
        let files = self.numbered()?;
        let kept = usize::try_from(FILES - 1).unwrap_or(usize::MAX);
        for (_, path) in &files[..files.len().saturating_sub(kept)] {
            fs::remove_file(path)?;
        }
        let newest = files.last().map_or(0, |(number, _)| number + 1);
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
