//! A table in a page of documentation: some rows replaced, everything else kept.

use crate::shell::Failure;
use std::fs;
use std::path::Path;

/// A table, known by its heading; its first column names the row.
pub(crate) struct Table<'a> {
    /// Column names.
    pub(crate) columns: &'a [&'a str],
    /// Names of rows in the order in which they are shown; others follow.
    pub(crate) order: &'a [&'a str],
}

/// One row; the first cell is its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<String>);

impl Row {
    fn name(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    fn markdown(&self) -> String {
        let cells: Vec<_> = self.0.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    }

    fn parse(line: &str) -> Self {
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        // A bar inside a cell is written `\|`; the mark stands in for it while splitting.
        let inner = inner.replace("\\|", "\0");
        let cells = inner.split('|').map(|cell| cell.trim().replace('\0', "|"));
        Self(cells.collect())
    }
}

impl Table<'_> {
    /// Puts `rows` into the table in the page at `path`, keeping its other rows and its prose.
    ///
    /// # Errors
    /// When the page cannot be read or written.
    pub(crate) fn update(&self, path: &Path, rows: &[Row]) -> Result<(), Failure> {
        let page = fs::read_to_string(path)
            .map_err(|cause| Failure::of(format!("read {}", path.display()), cause))?;
        fs::write(path, self.merged(&page, rows))
            .map_err(|cause| Failure::of(format!("write {}", path.display()), cause))
    }

    fn merged(&self, page: &str, rows: &[Row]) -> String {
        let heading = Row(self.columns.iter().map(|name| (*name).to_owned()).collect());
        let heading = heading.markdown();
        let lines: Vec<_> = page.lines().collect();
        let start = lines.iter().position(|line| *line == heading).unwrap_or(lines.len());
        let length = lines[start..].iter().take_while(|line| line.starts_with('|')).count();
        let old = lines[start..start + length].iter().skip(2);
        let all = self.sorted(old.map(|line| Row::parse(line)), rows);

        let mut page: Vec<_> = lines[..start].iter().map(ToString::to_string).collect();
        page.push(heading);
        page.push(format!("|{}", " --- |".repeat(self.columns.len())));
        page.extend(all.iter().map(Row::markdown));
        page.extend(lines[start + length..].iter().map(ToString::to_string));
        page.join("\n") + "\n"
    }

    /// `old` with `new` put in its place or added, in order.
    fn sorted(&self, old: impl Iterator<Item = Row>, new: &[Row]) -> Vec<Row> {
        let is_new = |row: &Row| new.iter().any(|other| other.name() == row.name());
        let mut all: Vec<_> = old.filter(|row| !is_new(row)).collect();
        all.extend_from_slice(new);
        all.sort_by_key(|row| {
            let place = self.order.iter().position(|name| *name == row.name());
            place.unwrap_or(self.order.len())
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table<'static> = Table { columns: &["name", "figure"], order: &["a", "b", "c"] };

    fn row(name: &str, figure: &str) -> Row {
        Row(vec![name.to_owned(), figure.to_owned()])
    }

    #[test]
    fn rows_are_replaced_or_added_in_order_and_prose_stays() {
        let page =
            "# P\n\n| name | figure |\n| --- | --- |\n| a | 1 |\n| old | 7 |\n| c | 3 |\n\nEnd.\n";
        let merged = TABLE.merged(page, &[row("b", "2"), row("c", "4")]);
        assert_eq!(
            merged,
            "# P\n\n| name | figure |\n| --- | --- |\n| a | 1 |\n| b | 2 |\n| c | 4 |\n| old | 7 |\n\nEnd.\n"
        );
    }

    #[test]
    fn a_page_without_the_table_gets_it_at_its_end() {
        let merged = TABLE.merged("# P\n", &[row("a", "1")]);
        assert_eq!(merged, "# P\n| name | figure |\n| --- | --- |\n| a | 1 |\n");
    }

    #[test]
    fn a_bar_inside_a_cell_survives() {
        let once = TABLE.merged("", &[row("a", "x | y")]);
        assert_eq!(TABLE.merged(&once, &[row("b", "2")]).lines().nth(2), Some("| a | x \\| y |"));
        assert_eq!(Row::parse("| a | x \\| y |"), row("a", "x | y"));
    }
}
