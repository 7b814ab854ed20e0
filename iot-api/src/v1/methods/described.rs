//! What the methods are, in words and limits that a form can be made of.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// A method of anomaly detection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Described {
    #[schema(example = "quantile")]
    pub(super) name: &'static str,
    /// What it finds, in a sentence.
    pub(super) finds: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// Values of parameters to begin with, as texts: those that have no default, or do nothing by it.
    #[serde(serialize_with = "as_object")]
    #[schema(value_type = Object, example = json!({"low": "0.01", "high": "0.99"}))]
    pub(super) example: &'static [(&'static str, &'static str)],
}

/// A parameter of a method.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Parameter {
    #[schema(example = "low")]
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What its value is in; null where it is a mere number.
    pub(super) unit: Option<Unit>,
    /// Whether it has to be stated.
    pub(super) required: bool,
    /// What it is unless stated, as text; null where it then has no effect, or follows from others.
    #[schema(example = "3")]
    pub(super) default: Option<&'static str>,
    /// The least value; where it is itself too little, `above` says so.
    pub(super) min: Option<f64>,
    /// Whether `min` is itself too little.
    pub(super) above: bool,
    /// The largest value.
    pub(super) max: Option<f64>,
    /// The values of a choice, the default first.
    pub(super) choices: &'static [&'static str],
    pub(super) meaning: &'static str,
}

/// What a parameter's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Number,
    Integer,
    Boolean,
    /// One of `choices`.
    Choice,
    /// A number of samples, or a duration.
    Window,
    /// As in `90s` or `1h 30m`.
    Duration,
    /// A value in JSON.
    Json,
}

/// What a parameter's value is in.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    /// The unit of the quantity.
    Value,
    /// That, a second.
    ValuePerSecond,
    Samples,
    StandardDeviations,
    InterquartileRanges,
}

fn as_object<S: Serializer>(pairs: &&'static [(&str, &str)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().copied())
}

impl Parameter {
    pub(super) const fn new(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self {
            name,
            kind,
            unit: None,
            required: false,
            default: None,
            min: None,
            above: false,
            max: None,
            choices: &[],
            meaning,
        }
    }

    pub(super) const fn number(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Kind::Number, meaning)
    }

    pub(super) const fn integer(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Kind::Integer, meaning)
    }

    pub(super) const fn choice(
        name: &'static str,
        choices: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        Self { choices, default: Some(choices[0]), ..Self::new(name, Kind::Choice, meaning) }
    }

    pub(super) const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    pub(super) const fn unit(self, unit: Unit) -> Self {
        Self { unit: Some(unit), ..self }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) const fn from(self, min: f64) -> Self {
        Self { min: Some(min), ..self }
    }

    pub(super) const fn above(self, min: f64) -> Self {
        Self { min: Some(min), above: true, ..self }
    }

    pub(super) const fn to(self, max: f64) -> Self {
        Self { max: Some(max), ..self }
    }
}
