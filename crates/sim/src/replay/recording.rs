//! Takes inputs one after another and keeps what they hold.

use super::costs;
use super::held::{Held, RECORDS_MAX};
use super::names::Names;
use super::recorded::Recorded;
use super::routes::Routes;
use super::texts::Texts;
use crate::recording::capture::Packets;
use crate::recording::{Input, Line, Lines, RecordedRequest, open, read_line};
use crate::vectors::{CaptureSummary, Tally};
use seawall_wire::traits;
use std::io::BufRead;
use thiserror::Error;

/// Faults that are named, each with the lines that have the same in a row; more are counted.
pub const UNREAD_NAMED_MAX: usize = 20;

/// What the inputs of a replay hold.
#[derive(Debug)]
pub struct Recording {
    records: Vec<Held>,
    lines: u32,
    names: Names,
    routes: Routes,
    unread: Vec<Unread>,
    unread_count: u64,
    /// Whether the fault met last is among those named.
    was_named: bool,
    captures: Vec<Capture>,
    texts: Texts,
}

/// A piece of an input that was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The input's name.
    pub input: String,
    /// Its line, from 1; none for a capture.
    pub line: Option<u64>,
    /// Why.
    pub sentence: String,
    /// Further lines of the input, before any with another fault, that have the same.
    pub likewise: u64,
}

/// A capture and what it consists of.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// The input's name.
    pub input: String,
    /// What it consists of.
    pub summary: CaptureSummary,
}

/// There is more than one replay holds.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "{input} holds more than fits: a replay takes {RECORDS_MAX} records; cut it into parts by time"
)]
pub struct TooMuch {
    /// The input's name.
    pub input: String,
}

impl Default for Recording {
    fn default() -> Self {
        Self::new()
    }
}

impl Recording {
    /// A recording without inputs.
    pub fn new() -> Self {
        Self {
            records: Vec::new(),
            lines: 0,
            names: Names::new(),
            routes: Routes::default(),
            unread: Vec::new(),
            unread_count: 0,
            was_named: false,
            captures: Vec::new(),
            texts: Texts::default(),
        }
    }

    /// Adds everything that an input holds; `name` is what it is called in what is told.
    ///
    /// # Errors
    /// There are too many records.
    pub fn add(&mut self, name: &str, input: impl BufRead) -> Result<(), TooMuch> {
        match open(name, input) {
            Input::Lines(lines) => self.add_lines(name, Lines::new(lines)),
            Input::Capture(packets) => {
                self.add_capture(name, packets);
                Ok(())
            }
        }
    }

    /// Everything in the order of its times, each request with what it costs its origin.
    pub fn finish(mut self) -> Recorded {
        // RECORDS_MAX numbers fit.
        let mut order: Vec<u32> = (0..).take(self.records.len()).collect();
        let t = |index: &u32| self.records[*index as usize].t;
        if !self.records.is_sorted_by(|a, b| a.t.total_cmp(&b.t).is_le()) {
            // A stable order: equal times stay in the order of the inputs.
            order.sort_unstable_by(|a, b| t(a).total_cmp(&t(b)).then(a.cmp(b)));
        }
        costs::resolve(&mut self.records, &order);
        Recorded {
            records: self.records,
            order,
            names: self.names,
            unread: self.unread,
            unread_count: self.unread_count,
            captures: self.captures,
            texts: self.texts,
        }
    }

    fn add_lines(&mut self, name: &str, mut lines: Lines<impl BufRead>) -> Result<(), TooMuch> {
        let mut number = 0;
        while let Some(line) = lines.next_line() {
            number += 1;
            let too_much = || TooMuch { input: name.to_owned() };
            self.lines = self.lines.checked_add(1).ok_or_else(too_much)?;
            let read = match line {
                Line::Whole([]) => continue,
                Line::Whole(line) => read_line(line),
                Line::TooLong => Err(format!(
                    "longer than {} bytes; no request is",
                    crate::recording::LINE_BYTES_MAX
                )),
                Line::BrokenOff(cause) => Err(format!(
                    "the input breaks off in this line ({cause}); what follows is lost"
                )),
            };
            match read {
                Ok(_) if self.records.len() >= RECORDS_MAX => return Err(too_much()),
                Ok(request) => self.hold(&request),
                Err(sentence) => self.skip(name, Some(number), sentence),
            }
        }
        Ok(())
    }

    fn hold(&mut self, request: &RecordedRequest<'_>) {
        let platform = request.platform.as_deref();
        let number = self.names.number(platform, request.host.as_deref());
        let route = self.routes.class(number, request.method.as_deref(), &request.path);
        let own = request.host.as_deref().map(host_of);
        let is_own = |host: &str| own.is_some_and(|own| own.eq_ignore_ascii_case(host));
        let view = request.view(own.is_some().then_some(&is_own));
        let traits = traits::traits(&view);
        let names = || request.shown.headers.as_deref().unwrap_or_default().split(',');
        self.texts.learn(&traits, |attribute| traits::text(&view, attribute, names()));
        self.records.push(Held::new(request, traits, (self.lines, number, route)));
    }

    fn add_capture(&mut self, name: &str, mut packets: Packets<impl BufRead>) {
        let mut tally = Tally::default();
        while let Some(frame) = packets.next_frame() {
            match frame {
                Ok(frame) => {
                    tally.add(&frame);
                    tally.sample(&packets.headers());
                }
                Err(fault) => self.skip(name, None, fault.to_string()),
            }
        }
        self.captures.push(Capture { input: name.to_owned(), summary: tally.conclude() });
    }

    fn skip(&mut self, input: &str, line: Option<u64>, sentence: String) {
        self.unread_count += 1;
        let has_room = self.unread.len() < UNREAD_NAMED_MAX;
        let last = self.unread.last_mut().filter(|last| {
            let follows = line.zip(last.line).is_some_and(|(line, first)| line > first);
            self.was_named && follows && last.input == input && last.sentence == sentence
        });
        self.was_named = last.is_some() || has_room;
        match last {
            Some(last) => last.likewise += 1,
            None if has_room => {
                self.unread.push(Unread { input: input.to_owned(), line, sentence, likewise: 0 });
            }
            None => {}
        }
    }
}

/// A host without its port.
fn host_of(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host.ends_with(']') => &host[..colon],
        _ => host,
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: not read: {}", self.input, self.sentence)?,
            None => write!(f, "{}: not read to its end: {}", self.input, self.sentence)?,
        }
        match self.likewise {
            0 => Ok(()),
            1 => f.write_str(" (and one more)"),
            more => write!(f, " (and {more} more)"),
        }
    }
}
