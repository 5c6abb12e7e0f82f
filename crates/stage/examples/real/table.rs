//! The figures of both, side by side.

use seawall_sim::defence::DefenceKind;
use seawall_sim::score::{Figure, Summary, Unit};
use seawall_stage::play::PlayReport;
use seawall_stage::trial::agreement::{FIGURES, Pair, same_order};
use std::fmt;

const HEADING: &str = "\
# Simulator and reality

The same scenarios, groups, seeds, origins and counts: once under the virtual clock, once on real \
sockets of loopback with the program `seawall` in between.
";
const EXPLAINED: &str = "\
 of all senders take part and origins carry as much less; what single senders do is unchanged.
Each cell is simulated / real; ***what differs*** by more than 20 % and by more than 3 points (3 s for \
overload) stands out.
Leak is by cost; the last column is by how much the latest request was sent too late: above some 100 \
ms a machine measures itself.

";
/// Everything known to make the two differ.
const DIFFERENCES: &str = "\
Why they may differ:

- The real origin is an event loop whatever the scenario says: it gives nobody a worker before the \
request has come whole.
\x20 Where a simulated one holds workers for slow heads and bodies and nothing stands before it, the \
flood does less for real, and its work is not admitted while it trickles.
- At this scale an origin has one worker or two.
\x20 Near the edge of what it carries, who waits behind whom is chance, and people who ask again make \
more of it: real runs of one scenario behind defences that stop nobody differ by some ten points there.
- A simulated request reaches the origin at once.
\x20 A real one opens a connection, is read and written, and waits for the machine's cores, which \
senders, shields and origins share.
- All senders speak HTTP/1.1 in the clear here, and all TLS of the stage is of one library: what tells \
stacks apart by their handshakes is not tried.
- IPv6 subscribers stand on IPv4 addresses, one for each /64.

";

/// One platform of one scenario behind one defence.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) scenario: String,
    pub(crate) platform: String,
    pub(crate) defence: DefenceKind,
    pub(crate) simulated: Summary,
    pub(crate) real: Summary,
    pub(crate) report: PlayReport,
}

/// All rows.
#[derive(Debug)]
pub(crate) struct Table {
    scale: f64,
    scenarios: Vec<Vec<Row>>,
}

impl Table {
    pub(crate) fn new(scale: f64) -> Self {
        Self { scale, scenarios: Vec::new() }
    }

    pub(crate) fn add(&mut self, rows: Vec<Row>) {
        self.scenarios.push(rows);
    }

    /// What stands above the table in a file of its own.
    pub(crate) fn preface(&self, made: &str) -> String {
        let part = format!("{:.0} %", 100.0 * self.scale);
        format!("{HEADING}{part}{EXPLAINED}{DIFFERENCES}Made by {made}.\n\n")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| scenario | defence | harm to people % | harm to programs % | leak % | overload s \
             | latest ms |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- | --- |")?;
        for row in self.scenarios.iter().flatten() {
            write!(f, "| {} {} | {} |", row.scenario, row.platform, row.defence.name())?;
            for figure in FIGURES {
                write!(f, " {} |", cell(Pair::of(figure, &row.simulated, &row.real)))?;
            }
            writeln!(f, " {} |", row.report.latest.as_millis())?;
        }
        writeln!(f)?;
        for rows in &self.scenarios {
            summary(f, rows)?;
        }
        let pairs = self.scenarios.iter().flatten().flat_map(pairs);
        let (agree, all) =
            pairs.fold((0, 0), |(agree, all), pair| (agree + u32::from(pair.agrees()), all + 1));
        writeln!(f, "\n{agree} of {all} figures agree.")
    }
}

fn summary(f: &mut fmt::Formatter<'_>, rows: &[Row]) -> fmt::Result {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let harms: Vec<_> = rows
        .iter()
        .filter_map(|row| Pair::of(Figure::HarmPeople, &row.simulated, &row.real))
        .map(|pair| (pair.simulated, pair.real))
        .collect();
    let order = if same_order(&harms) { "in the same order" } else { "IN ANOTHER ORDER" };
    let overrun: u64 = rows.iter().map(|row| row.report.overrun + row.report.unconnected).sum();
    write!(f, "- {}: defences {order} by harm", first.scenario)?;
    if overrun > 0 {
        write!(f, "; {overrun} requests that this machine could not send")?;
    }
    writeln!(f, ".")
}

fn pairs(row: &Row) -> impl Iterator<Item = Pair> + '_ {
    FIGURES.into_iter().filter_map(|figure| Pair::of(figure, &row.simulated, &row.real))
}

fn cell(pair: Option<Pair>) -> String {
    let Some(pair) = pair else {
        return "–".to_owned();
    };
    let shown = |value: f64| match pair.figure.unit() {
        Unit::Share => format!("{:.1}", 100.0 * value),
        Unit::Seconds | Unit::Milliseconds | Unit::Work | Unit::Count => format!("{value:.0}"),
    };
    let text = format!("{} / {}", shown(pair.simulated), shown(pair.real));
    if pair.agrees() { text } else { format!("***{text}***") }
}
