//! CSV files of strangers: a header, columns by their names in any place, and either separator.

use std::error::Error;
use std::path::Path;

use iot_core::Timestamp;

/// Where the times are, by the names they go by; else in the first column.
const TIMES: &[&str] = &["datetime", "timestamp", "time", "date"];

/// The cells of a file, as they are written.
pub(crate) struct Table {
    headers: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let bytes = std::fs::read(path)?;
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        let header = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let count = |separator: u8| header.iter().filter(|&&byte| byte == separator).count();
        let separator = if count(b';') > count(b',') { b';' } else { b',' };
        let mut reader =
            csv::ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).from_reader(bytes);
        let headers = reader.headers()?.iter().map(str::to_owned).collect();
        Ok(Self { headers, rows: reader.records().collect::<Result<_, _>>()? })
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (usize, &str)> {
        self.headers.iter().map(String::as_str).enumerate()
    }

    /// Where the column of this name is, in capitals or not.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header.eq_ignore_ascii_case(name))
    }

    /// Where the times are.
    pub(crate) fn time_place(&self) -> usize {
        TIMES.iter().find_map(|name| self.place(name)).unwrap_or(0)
    }

    /// The times, in the order of the rows.
    pub(crate) fn times(&self) -> Result<Vec<Timestamp>, Box<dyn Error>> {
        self.cells(self.time_place(), |cell| cell.parse().map_err(|error: iot_core::Error| error.to_string()))
    }

    /// The numbers of a column, NaN where a cell is empty.
    pub(crate) fn numbers(&self, column: usize) -> Result<Vec<f64>, Box<dyn Error>> {
        self.cells(column, |cell| match cell {
            "" => Ok(f64::NAN),
            cell => cell.parse().map_err(|_| format!("{cell:?} is not a number")),
        })
    }

    fn cells<T>(
        &self,
        column: usize,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, Box<dyn Error>> {
        let cell = |(at, row): (usize, &csv::StringRecord)| {
            let name = self.headers.get(column).map_or("", String::as_str);
            parse(row.get(column).unwrap_or(""))
                .map_err(|what| format!("row {}, {name}: {what}", at + 1).into())
        };
        self.rows.iter().enumerate().map(cell).collect()
    }
}
