//! What the demo printed, read as a program would.

/// One line of the story.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) at: f64,
    pub(crate) word: String,
    pub(crate) text: String,
}

impl Line {
    /// Every line between `ready` and the empty line behind the story.
    pub(crate) fn all(output: &str) -> Vec<Self> {
        let (_, story) = output.split_once("\nready\n").expect("the demo was ready");
        let lines = story.lines().take_while(|line| !line.is_empty());
        lines.map(Self::read).collect()
    }

    fn read(line: &str) -> Self {
        let (at, rest) = line.trim_start().split_once("  ").expect(line);
        let (word, text) = rest.split_once("  ").expect(line);
        assert!(at.contains('.'), "no tenth in {line}");
        Self {
            at: at.parse().expect(line),
            word: word.to_owned(),
            text: text.trim_start().to_owned(),
        }
    }
}

/// The number that stands before `what`: 3231 of `3,231 rps stopped`.
pub(crate) fn number_before(text: &str, what: &str) -> f64 {
    let (before, _) = text.split_once(what).unwrap_or_else(|| panic!("no {what:?} in {text:?}"));
    number(before.split_whitespace().last().unwrap_or_default())
}

/// The seconds that stand before `what`: 1.7 of `1.7 s after`.
pub(crate) fn seconds_before(text: &str, what: &str) -> f64 {
    number_before(text, &format!("s {what}"))
}

fn number(text: &str) -> f64 {
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// The table behind the story, summed over the platforms, and what the flood counted.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) visitors_asked: f64,
    pub(crate) visitors_ok: f64,
    /// By the shield's count.
    pub(crate) stopped: f64,
    /// Answers of 429, by the flood's own count.
    pub(crate) flood_limited: f64,
}

impl Totals {
    pub(crate) fn of(output: &str) -> Self {
        let mut totals = Self::default();
        for name in ["www", "donate", "events"] {
            let row = output.lines().rfind(|line| line.starts_with(&format!("  {name}  ")));
            let row = row.unwrap_or_else(|| panic!("no totals of {name}"));
            // name, asked, ok, 100, %, 63, ms, admitted, stopped, errors, answered
            let cells: Vec<_> = row.split_whitespace().collect();
            totals.visitors_asked += number(cells[1]);
            totals.visitors_ok += number(cells[2]);
            totals.stopped += number(cells[8]);
        }
        totals.flood_limited = number_before(output, "got 429");
        totals
    }
}
