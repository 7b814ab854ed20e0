//! Which rows of an answer are wanted: `limit` and `offset`.

use serde_json::Value;

use super::detail::Detail;

/// Which rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) limit: usize,
    pub(super) offset: u64,
}

const MAX_LIMIT: u64 = 1000;

impl Page {
    /// Reads the two out of a query; other members are nobody's concern.
    pub(super) fn from_query(query: &[(String, String)]) -> Result<Self, Vec<Detail>> {
        let last =
            |name: &str| query.iter().rev().find(|(key, _)| key == name).map(|(_, text)| text.as_str());
        let limit = last("limit").map_or(Ok(100), |text| number("limit", text, MAX_LIMIT));
        let offset = last("offset").map_or(Ok(0), |text| number("offset", text, i64::MAX as u64));
        match (limit, offset) {
            (Ok(limit), Ok(offset)) => Ok(Self { limit: limit as usize, offset }),
            (limit, offset) => Err(limit.err().into_iter().chain(offset.err()).collect()),
        }
    }
}

fn number(name: &str, text: &str, most: u64) -> Result<u64, Detail> {
    let wrong = |kind, msg: String| Detail::new(kind, &["query", name], msg, Value::from(text));
    match text.trim().parse::<i128>() {
        Err(_) => Err(wrong(
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer".to_owned(),
        )),
        Ok(..0) => Err(wrong("greater_than_equal", "Input should be greater than or equal to 0".to_owned())),
        Ok(value) => u64::try_from(value)
            .ok()
            .filter(|&value| value <= most)
            .ok_or_else(|| wrong("less_than_equal", format!("Input should be less than or equal to {most}"))),
    }
}
