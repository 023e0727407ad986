//! The result: a table of vectors and bindings, and every difference.

use std::collections::BTreeMap;
use std::fmt;

use crate::case::Case;

/// The number of differences of one binding in one file that are shown in full; the rest are counted.
const SHOWN: usize = 5;

#[derive(Clone, Copy, Default)]
struct Count {
    asked: usize,
    agreed: usize,
    exempt: usize,
}

pub(crate) struct Table {
    bindings: Vec<String>,
    rows: Vec<(String, BTreeMap<String, Count>)>,
    exemptions: BTreeMap<(String, &'static str), usize>,
    /// Each difference with its row and binding, because one cause often produces many differences.
    differences: Vec<((String, String), String)>,
}

impl Table {
    pub(crate) fn new(bindings: &[String]) -> Self {
        Self { bindings: bindings.to_vec(), rows: Vec::new(), exemptions: BTreeMap::new(), differences: Vec::new() }
    }

    fn count(&mut self, row: &str, binding: &str) -> &mut Count {
        let index = self.rows.iter().position(|(name, _)| name == row).unwrap_or_else(|| {
            self.rows.push((row.to_owned(), BTreeMap::new()));
            self.rows.len() - 1
        });
        self.rows[index].1.entry(binding.to_owned()).or_default()
    }

    /// Adds a case that this binding cannot run.
    pub(crate) fn exempt(&mut self, case: &Case, binding: &str, reason: &'static str) {
        self.count(&case.file, binding).exempt += 1;
        *self.exemptions.entry((binding.to_owned(), reason)).or_default() += 1;
    }

    /// Adds a case that was run, with a difference if there is one.
    pub(crate) fn answered(&mut self, case: &Case, binding: &str, result: Result<(), String>) {
        let count = self.count(&case.file, binding);
        count.asked += 1;
        count.agreed += usize::from(result.is_ok());
        let request = serde_json::Value::Object(case.request.clone()).to_string();
        let request: String = request.chars().take(400).collect();
        if let Err(wrong) = result {
            self.differs(&case.file, binding, &format!("{}\n    request  {request}\n    {wrong}", case.name));
        }
    }

    /// Adds compared names, with their differences.
    pub(crate) fn compared(&mut self, row: &str, binding: &str, names: usize, differences: &[String]) {
        let count = self.count(row, binding);
        count.asked += names;
        count.agreed += names.saturating_sub(differences.len());
        differences.iter().for_each(|difference| self.differs(row, binding, difference));
    }

    /// Adds a difference.
    pub(crate) fn differs(&mut self, row: &str, binding: &str, difference: &str) {
        self.differences.push(((row.to_owned(), binding.to_owned()), format!("{row}: {binding}: {difference}")));
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown: BTreeMap<&(String, String), usize> = BTreeMap::new();
        for (cell, difference) in &self.differences {
            let times = shown.entry(cell).or_default();
            *times += 1;
            if *times <= SHOWN {
                writeln!(out, "{difference}\n")?;
            }
        }
        write!(out, "{:<16}", "vectors")?;
        self.bindings.iter().try_for_each(|binding| write!(out, "{binding:>16}"))?;
        for (row, counts) in &self.rows {
            write!(out, "\n{row:<16}")?;
            for binding in &self.bindings {
                write!(out, "{:>16}", counts.get(binding).copied().unwrap_or_default().to_string())?;
            }
        }
        writeln!(out, "\n\nAnswers that agree, of all cases run; +n: not run, by design:")?;
        for ((binding, reason), times) in &self.exemptions {
            writeln!(out, "  {binding:<8} {times:>5}  {reason}")?;
        }
        match self.differences.len() {
            0 => writeln!(out, "All bindings agree."),
            number => writeln!(out, "{number} differences."),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, agreed, exempt } = self;
        match agreed == asked {
            true => write!(out, "{agreed}")?,
            false => write!(out, "{agreed} of {asked}")?,
        }
        if *exempt == 0 { Ok(()) } else { write!(out, " +{exempt}") }
    }
}
