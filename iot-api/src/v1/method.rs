//! The parameters that choose a detector and what it learns from.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use iot_analytics::Method;
use iot_core::TimeRange;
use serde_json::{Map, Value};

use super::methods::parameter;
use crate::params::{Instant, Names, range};
use crate::problem::Problem;

/// A detector of one quantity, and the range it learns from.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    /// The quantity that is judged; voltage times current for a `power` that was not measured.
    pub(super) quantity: String,
    pub(super) method: Method,
    /// Where the detector learns, if not where it judges.
    pub(super) learn: Option<TimeRange>,
}

/// The parameters of a query that are not the detector's, and the detector if one is chosen.
#[derive(Debug)]
pub(super) struct Choice {
    chosen: Option<Chosen>,
    rest: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Choice {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let query = query.map_err(|_| Problem::bad_request("the query is not percent-encoded UTF-8"))?;
        Self::read(query.0)
    }
}

/// Parameters that are never those of a detector.
const RESERVED: [&str; 5] = ["from", "to", "limit", "quantities", "points"];

impl Choice {
    fn read(query: Vec<(String, String)>) -> Result<Self, Problem> {
        let (mut rest, mut method, mut quantity) = (Vec::new(), Map::new(), None);
        let (mut learn_from, mut learn_to, mut parameters) = (None, None, Vec::new());
        for (name, text) in query {
            match name.as_str() {
                "quantity" => quantity = Some(text.to_ascii_lowercase()),
                "learn_from" => learn_from = Some(text),
                "learn_to" => learn_to = Some(text),
                name if RESERVED.contains(&name) => rest.push((name.to_owned(), text)),
                "method" => drop(method.insert(name, Value::String(text))),
                _ => parameters.push((name, text)),
            }
        }
        let named = method.get("method").and_then(Value::as_str).unwrap_or_default().to_owned();
        for (name, text) in parameters {
            let value = parameter(&named, &name, text)?;
            method.insert(name, value);
        }
        let learn = match (instant(learn_from)?, instant(learn_to)?) {
            (None, None) => None,
            (from, to) => Some(range(from, to)?),
        };
        let chosen = match (quantity, method.contains_key("method")) {
            (None, false) if method.is_empty() && learn.is_none() => None,
            (None, false) => {
                let names: Vec<&str> = method.keys().map(String::as_str).collect();
                return Err(Problem::bad_request(format!(
                    "unknown parameter {:?}: no method is named",
                    names.join(", ")
                )));
            }
            (None, true) => {
                return Err(Problem::bad_request("quantity is missing: which one is to be judged?"));
            }
            (Some(_), false) => {
                return Err(Problem::bad_request("method is missing: by which one is it to be judged?"));
            }
            (Some(quantity), true) => {
                let method: Result<Method, _> = serde_json::from_value(Value::Object(method));
                let method = method.map_err(|error| Problem::bad_request(error.to_string()))?;
                Some(Chosen { quantity, method, learn })
            }
        };
        Ok(Self { chosen, rest })
    }

    /// The text of another parameter.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.rest.iter().rev().find(|(other, _)| other == name).map(|(_, text)| text.as_str())
    }

    /// The detector that is chosen, if one is.
    pub(super) fn chosen(&self) -> Option<Chosen> {
        self.chosen.clone()
    }

    /// A parameter that is a list of names.
    pub(super) fn names(&self, name: &str) -> Names {
        Names::read(self.text(name).unwrap_or_default())
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, Problem> {
        let wrong = |text: &str| Problem::bad_request(format!("{name} {text:?} is not a whole number"));
        self.text(name).map(|text| text.parse().map_err(|_| wrong(text))).transpose()
    }

    /// The range from `from` to `to`.
    pub(super) fn range(&self) -> Result<TimeRange, Problem> {
        let part = |name: &str| instant(self.text(name).map(str::to_owned));
        range(part("from")?, part("to")?)
    }
}

fn instant(text: Option<String>) -> Result<Option<Instant>, Problem> {
    let read = |text| serde_json::from_value(Value::String(text));
    text.map(read).transpose().map_err(|error| Problem::bad_request(error.to_string()))
}
