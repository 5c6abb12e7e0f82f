//! One run as a picture: three panels over the same seconds.
//!
//! Plain SVG with a style of its own for light and dark screens; no script, nothing from elsewhere.

use super::{Row, Shown};
use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 44.0;
const PANEL: f64 = 120.0;
const GAP: f64 = 34.0;

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#33414d}.title{font-size:15px;font-weight:600}\
.axis{stroke:#b7c2cb;stroke-width:1}.honest{fill:#2f7fc1;fill-opacity:.75}\
.flood{fill:#d9663c;fill-opacity:.7}.load{fill:#7a8894;fill-opacity:.6}\
.bound{stroke:#b3261e;stroke-width:1.5;stroke-dasharray:5 4}.mark{stroke:#8a6d1c;stroke-width:1.5;stroke-dasharray:2 3}.served{fill:none;stroke:#2b8a57;stroke-width:2}\
@media(prefers-color-scheme:dark){text{fill:#d6dde3}.axis{stroke:#4a5661}}";

/// One panel: where it lies, and what stands at its top.
#[derive(Clone, Copy)]
struct Panel {
    number: f64,
    most: f64,
}

impl Panel {
    fn bottom(self) -> f64 {
        TOP + self.number * (PANEL + GAP) + PANEL
    }

    fn y(self, value: f64) -> f64 {
        self.bottom() - PANEL * (value / self.most).clamp(0.0, 1.0)
    }
}

/// The run as an SVG document.
pub fn svg(shown: Shown<'_>) -> String {
    let rows: Vec<_> = shown.score.seconds.iter().map(Row::of).collect();
    let most = |of: fn(&Row) -> f64| rows.iter().map(of).fold(0.0, f64::max);
    let asked =
        Panel { number: 0.0, most: most(|row| row.honest_per_s + row.flood_per_s).max(1.0) };
    let load = Panel { number: 1.0, most: most(|row| row.load).max(1.2) };
    let served = Panel { number: 2.0, most: 1.0 };
    let height = served.bottom() + GAP;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"20\">{title}</text>\n",
        title = escaped(shown.title),
    );
    frame(&mut svg, asked, &format!("requests/s, honest and flood (top {:.0})", asked.most));
    area(&mut svg, (asked, "flood"), rows.iter().map(|row| row.honest_per_s + row.flood_per_s));
    area(&mut svg, (asked, "honest"), rows.iter().map(|row| row.honest_per_s));
    frame(&mut svg, load, &format!("work at the origin over its capacity (top {:.1})", load.most));
    area(&mut svg, (load, "load"), rows.iter().map(|row| row.load));
    let bound = load.y(1.0);
    let _ = writeln!(
        svg,
        "<line class=\"bound\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{bound:.1}\" y2=\"{bound:.1}\"/>",
        WIDTH - RIGHT
    );
    frame(&mut svg, served, "share of honest requests served (top 100 %)");
    let points = points(served, rows.iter().map(|row| row.served));
    let _ = writeln!(svg, "<polyline class=\"served\" points=\"{points}\"/>");
    ticks(&mut svg, served, rows.len());
    for happening in shown.happenings {
        mark(&mut svg, (happening.at as usize, rows.len()), &happening.words);
    }
    svg.push_str("</svg>\n");
    svg
}

#[expect(clippy::cast_precision_loss, reason = "seconds of one run")]
fn x(at: usize, count: usize) -> f64 {
    LEFT + (WIDTH - LEFT - RIGHT) * at as f64 / count.max(2).saturating_sub(1) as f64
}

fn points(panel: Panel, values: impl ExactSizeIterator<Item = f64>) -> String {
    let count = values.len();
    let points =
        values.enumerate().map(|(at, value)| format!("{:.1},{:.1}", x(at, count), panel.y(value)));
    points.collect::<Vec<_>>().join(" ")
}

fn area(
    svg: &mut String,
    (panel, class): (Panel, &str),
    values: impl ExactSizeIterator<Item = f64>,
) {
    let (right, bottom) = (WIDTH - RIGHT, panel.bottom());
    let points = points(panel, values);
    let _ = writeln!(
        svg,
        "<polygon class=\"{class}\" points=\"{LEFT},{bottom} {points} {right},{bottom}\"/>"
    );
}

fn frame(svg: &mut String, panel: Panel, words: &str) {
    let (right, bottom) = (WIDTH - RIGHT, panel.bottom());
    let _ = writeln!(
        svg,
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{bottom}\" y2=\"{bottom}\"/>\n\
         <text x=\"{LEFT}\" y=\"{}\">{words}</text>",
        bottom - PANEL - 6.0
    );
}

/// Every tenth second below the last panel; every tenth minute of a long run.
fn ticks(svg: &mut String, panel: Panel, count: usize) {
    for second in (0..count).step_by(if count > 400 { 600 } else { 10 }) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{second} s</text>",
            x(second, count),
            panel.bottom() + 18.0
        );
    }
}

/// A line through all panels where something begins or ends; its words show on pointing at it.
fn mark(svg: &mut String, (at, count): (usize, usize), words: &str) {
    let (x, bottom) = (x(at, count), TOP + 3.0 * PANEL + 2.0 * GAP);
    let _ = writeln!(
        svg,
        "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom}\">\
         <title>{at} s: {}</title></line>",
        escaped(words)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
