//! A sheet of questions with their answers, for people who fill in forms of authorities.
//!
//! What a person must answer is a line to fill in, never a guess.

use std::fmt::Write as _;

/// A blank that a person fills in.
pub(super) const BLANK: &str = "[to be filled in by a person]";

/// A sheet in the making.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    text: String,
    questions: u32,
}

impl Sheet {
    /// Begins with a title and what stands below it.
    pub(super) fn new(title: &str, notes: &[String]) -> Self {
        let mut text = format!("{title}\n");
        for note in notes {
            let _ = writeln!(text, "{note}");
        }
        Self { text, questions: 0 }
    }

    /// The next question with its answers, one a line.
    pub(super) fn ask(&mut self, question: &str, answers: impl IntoIterator<Item = String>) {
        self.questions += 1;
        let _ = writeln!(self.text, "\n{}. {question}", self.questions);
        for answer in answers {
            let _ = writeln!(self.text, "   {answer}");
        }
    }

    /// The sheet.
    pub(super) fn text(self) -> String {
        self.text
    }
}
