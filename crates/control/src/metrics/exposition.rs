//! The text format itself: families, samples and how a label is escaped.
//!
//! Source: Prometheus text exposition format, version 0.0.4.

use std::fmt::{Display, Write as _};

/// What the numbers of a family may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only go up, until a restart.
    Counter,
    /// Go up and down.
    Gauge,
}

/// Text in the making.
#[derive(Debug, Default)]
pub(crate) struct Exposition {
    text: String,
    name: &'static str,
}

impl Exposition {
    /// Begins a family; the samples that follow belong to it.
    pub(crate) fn family(&mut self, name: &'static str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        self.name = name;
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// Adds one sample to the family.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(self.name);
        let mut open = '{';
        for (label, text) in labels {
            self.text.push(open);
            open = ',';
            self.write(format_args!("{label}=\""));
            self.escape(text);
            self.text.push('"');
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        self.write(format_args!(" {value}\n"));
    }

    /// The finished text.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn write(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.text.write_fmt(arguments).expect("invariant: a string takes every write");
    }

    fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '\\' => self.text.push_str("\\\\"),
                '"' => self.text.push_str("\\\""),
                '\n' => self.text.push_str("\\n"),
                other => self.text.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_end_its_line_or_its_quotes() {
        let mut out = Exposition::default();
        out.family("x", Kind::Gauge, "A thing.");
        out.sample(&[("a", "q\"} 1\nb\\"), ("c", "")], 7);
        assert_eq!(
            out.into_text(),
            "# HELP x A thing.\n# TYPE x gauge\nx{a=\"q\\\"} 1\\nb\\\\\",c=\"\"} 7\n"
        );
    }
}
