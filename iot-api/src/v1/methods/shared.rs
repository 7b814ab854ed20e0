//! Parameters that several methods have.

use super::described::Unit::{InterquartileRanges, Samples, StandardDeviations, Value};
use super::described::{Kind, Parameter};

pub(super) const SIDE: Parameter = Parameter::choice(
    "side",
    &["both", "positive", "negative"],
    "positive for rises, or what is too high, only; negative for the contrary",
);

pub(super) const MIN_RANGE: Parameter = Parameter::number(
    "min_range",
    "the interquartile range is taken to be at least this: a step that means nothing, such as the resolution of the sensor",
)
.from(0.0)
.default("0")
.unit(Value);

pub(super) const MIN_PERIODS: Parameter = Parameter::integer(
    "min_periods",
    "the fewest values a window must have to judge by; all of it unless stated",
)
.from(0.0)
.unit(Samples);

pub(super) const WINDOW: Parameter = Parameter::new(
    "window",
    Kind::Window,
    "the windows before and after, as a number of samples or a duration such as 15m",
)
.required();

pub(super) const RIGHT_MIN_PERIODS: Parameter =
    Parameter::integer("right_min_periods", "the same of the window after, if it is to be another")
        .from(0.0)
        .unit(Samples);

pub(super) const RIGHT_WINDOW: Parameter =
    Parameter::new("right_window", Kind::Window, "the window after, if it is to be another");

pub(super) const fn factor(default: &'static str) -> Parameter {
    Parameter::number(
        "factor",
        "how many interquartile ranges above the third quartile of its history a score is an anomaly",
    )
    .from(0.0)
    .default(default)
    .unit(InterquartileRanges)
}

pub(super) const fn probability(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter::number(name, meaning).from(0.0).to(1.0)
}

pub(super) const fn sigmas(name: &'static str, default: &'static str, meaning: &'static str) -> Parameter {
    Parameter::number(name, meaning).default(default).unit(StandardDeviations)
}

pub(super) const fn periods(least: f64) -> Parameter {
    Parameter::integer(
        "min_periods",
        "the fewest values the window must have to judge by; all of it unless stated",
    )
    .from(least)
    .unit(Samples)
}
