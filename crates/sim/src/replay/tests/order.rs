use super::*;
use proptest::prelude::*;

/// A record with its number in its path, so that it is found again wherever it went.
#[derive(Debug, Clone)]
struct Row {
    number: usize,
    t: u32,
    source: u8,
}

impl Row {
    fn line(&self) -> String {
        let Self { number, t, source } = self;
        let t = f64::from(*t) / 10.0;
        format!("{{\"t\":{t},\"src\":\"192.0.2.{source}\",\"path\":\"/{number}\"}}\n")
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec((0_u32..50, 0_u8..3), 1..60).prop_map(|rows| {
        let row = |(number, (t, source))| Row { number, t, source };
        rows.into_iter().enumerate().map(row).collect()
    })
}

/// Verdict and reason of each row under limits, by the row's number.
fn decided(inputs: &[Vec<Row>]) -> Vec<(usize, String)> {
    let texts: Vec<String> =
        inputs.iter().map(|rows| rows.iter().map(Row::line).collect()).collect();
    let named: Vec<_> = texts.iter().map(|text| ("rows.jsonl", text.as_bytes())).collect();
    let recorded = recorded(&named);
    let outcome = play(&recorded, limited(7), &mut |_| {});
    let lines = verdicts(&recorded, &outcome);
    let rows = inputs.iter().flatten().map(|row| row.number);
    let mut decided: Vec<_> = rows
        .zip(lines.lines())
        .map(|(number, line)| (number, line.split_once("\"verdict\"").unwrap().1.to_owned()))
        .collect();
    decided.sort();
    decided
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn several_inputs_in_any_order_decide_as_one_sorted_input(rows in rows(), cuts in any::<[u8; 60]>()) {
        // Sorted stably, as one input.
        let mut sorted = rows.clone();
        sorted.sort_by_key(|row| row.t);
        // Cut into three, each in the order in which equal times came.
        let part = |wanted: u8| {
            let is_in = |row: &&Row| cuts[row.t as usize] % 3 == wanted;
            rows.iter().filter(is_in).cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(decided(&[sorted]), decided(&[part(2), part(0), part(1)]));
        prop_assert_eq!(decided(std::slice::from_ref(&rows)), decided(&[part(0), part(1), part(2)]));
    }

    #[test]
    fn verdict_lines_are_in_the_order_of_the_inputs_and_number_every_line(rows in rows()) {
        let lines = rows.iter().map(|row| row.line() + "\nforeign\n");
        let text: String = lines.collect();
        let recorded = recorded(&[("a.jsonl", text.as_bytes()), ("b.jsonl", text.as_bytes())]);
        let outcome = play(&recorded, limited(1), &mut |_| {});
        let told = verdicts(&recorded, &outcome);
        let number = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["n"].as_u64().unwrap()
        };
        let numbers: Vec<_> = told.lines().map(number).collect();
        // Three lines a row: the record, an empty one and a foreign one.
        let expected: Vec<_> = (0..2 * rows.len() as u64).map(|row| 3 * row + 1).collect();
        prop_assert_eq!(numbers, expected);
        prop_assert_eq!(recorded.unread(), 2 * rows.len() as u64);
    }

    #[test]
    fn the_same_input_plan_and_seed_give_the_same_bytes(rows in rows(), seed in any::<u64>()) {
        let text: String = rows.iter().map(Row::line).collect();
        let bytes = || {
            let recorded = recorded(&[("rows.jsonl", text.as_bytes())]);
            let outcome = play(&recorded, limited(seed), &mut |_| {});
            json(&outcome.summary, None).unwrap() + &super::super::text(&recorded, &outcome, None)
        };
        prop_assert_eq!(bytes(), bytes());
    }
}

#[test]
fn equal_times_stay_in_the_order_of_the_inputs() {
    let row = |number, source| Row { number, t: 10, source };
    // Two of three at once are admitted: the first two, wherever they lie.
    let first = [vec![row(0, 1), row(1, 1)], vec![row(2, 1)]];
    let words = |inputs: &[Vec<Row>]| {
        decided(inputs).into_iter().map(|(_, line)| line.contains(r#""admit""#)).collect::<Vec<_>>()
    };
    assert_eq!(words(&first), [true, true, false]);
    let [a, b] = first;
    assert_eq!(words(&[b, a]), [true, false, true]);
}
