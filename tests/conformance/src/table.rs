//! What came of it: vectors × faces, and every difference.

use std::collections::BTreeMap;
use std::fmt;

use crate::case::Case;

/// Differences of one face in one file that are shown in full; the rest is counted.
const SHOWN: usize = 5;

#[derive(Clone, Copy, Default)]
struct Count {
    asked: usize,
    agreed: usize,
    excused: usize,
}

pub(crate) struct Table {
    faces: Vec<String>,
    rows: Vec<(String, BTreeMap<String, Count>)>,
    excuses: BTreeMap<(String, &'static str), usize>,
    /// Row and face of each, for it is often the same one many times.
    differences: Vec<((String, String), String)>,
}

impl Table {
    pub(crate) fn new(faces: &[String]) -> Self {
        Self { faces: faces.to_vec(), rows: Vec::new(), excuses: BTreeMap::new(), differences: Vec::new() }
    }

    fn count(&mut self, row: &str, face: &str) -> &mut Count {
        let index = self.rows.iter().position(|(name, _)| name == row).unwrap_or_else(|| {
            self.rows.push((row.to_owned(), BTreeMap::new()));
            self.rows.len() - 1
        });
        self.rows[index].1.entry(face.to_owned()).or_default()
    }

    /// A case that this face cannot be asked.
    pub(crate) fn excused(&mut self, case: &Case, face: &str, reason: &'static str) {
        self.count(&case.file, face).excused += 1;
        *self.excuses.entry((face.to_owned(), reason)).or_default() += 1;
    }

    /// A case that was asked, and what is wrong with the answer.
    pub(crate) fn answered(&mut self, case: &Case, face: &str, verdict: Result<(), String>) {
        let count = self.count(&case.file, face);
        count.asked += 1;
        count.agreed += usize::from(verdict.is_ok());
        let request = serde_json::Value::Object(case.request.clone()).to_string();
        let request: String = request.chars().take(400).collect();
        if let Err(wrong) = verdict {
            self.differs(&case.file, face, &format!("{}\n    asked    {request}\n    {wrong}", case.name));
        }
    }

    /// Names that were compared, and what is wrong with them.
    pub(crate) fn compared(&mut self, row: &str, face: &str, names: usize, differences: &[String]) {
        let count = self.count(row, face);
        count.asked += names;
        count.agreed += names.saturating_sub(differences.len());
        differences.iter().for_each(|difference| self.differs(row, face, difference));
    }

    /// Anything that is wrong.
    pub(crate) fn differs(&mut self, row: &str, face: &str, difference: &str) {
        self.differences.push(((row.to_owned(), face.to_owned()), format!("{row}: {face}: {difference}")));
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown: BTreeMap<&(String, String), usize> = BTreeMap::new();
        for (location, difference) in &self.differences {
            let times = shown.entry(location).or_default();
            *times += 1;
            if *times <= SHOWN {
                writeln!(out, "{difference}\n")?;
            }
        }
        write!(out, "{:<16}", "vectors")?;
        self.faces.iter().try_for_each(|face| write!(out, "{face:>16}"))?;
        for (row, counts) in &self.rows {
            write!(out, "\n{row:<16}")?;
            for face in &self.faces {
                write!(out, "{:>16}", counts.get(face).copied().unwrap_or_default().to_string())?;
            }
        }
        writeln!(out, "\n\nAnswers that agree, of those asked for; +n: not asked, by design:")?;
        for ((face, reason), times) in &self.excuses {
            writeln!(out, "  {face:<8} {times:>5}  {reason}")?;
        }
        match self.differences.len() {
            0 => writeln!(out, "All faces agree."),
            number => writeln!(out, "{number} differences."),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, agreed, excused } = self;
        match agreed == asked {
            true => write!(out, "{agreed}")?,
            false => write!(out, "{agreed} of {asked}")?,
        }
        if *excused == 0 { Ok(()) } else { write!(out, " +{excused}") }
    }
}
