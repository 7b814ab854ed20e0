//! The methods that there are.

use super::described::Unit::{InterquartileRanges, Samples, Value, ValuePerSecond};
use super::described::{Described, Kind, Parameter};
use super::shared::{
    MIN_PERIODS, MIN_RANGE, RIGHT_MIN_PERIODS, RIGHT_WINDOW, SIDE, WINDOW, factor, periods, probability,
    sigmas,
};

/// All methods, in the order of [`Method::NAMES`](iot_analytics::Method::NAMES).
pub(super) const DESCRIBED: &[Described] = &[
    Described {
        name: "value_based",
        finds: "Values below or above limits that are known beforehand.",
        parameters: &[
            Parameter::number("low", "a value below it is an anomaly").unit(Value),
            Parameter::number("high", "a value above it is an anomaly").unit(Value),
        ],
        example: &[],
    },
    Described {
        name: "quantile",
        finds: "The lowest and highest values: it flags the share of them that it is told to.",
        parameters: &[
            probability("low", "probability; a value below this quantile is an anomaly"),
            probability("high", "probability; a value above this quantile is an anomaly"),
        ],
        example: &[("low", "0.01"), ("high", "0.99")],
    },
    Described {
        name: "interquartile_range",
        finds: "Values far outside the middle half of all values: Tukey's fences.",
        parameters: &[
            Parameter::number("low_factor", "how many ranges below the first quartile is an anomaly")
                .from(0.0)
                .default("3")
                .unit(InterquartileRanges),
            Parameter::number("high_factor", "how many ranges above the third quartile is an anomaly")
                .from(0.0)
                .default("3")
                .unit(InterquartileRanges),
            MIN_RANGE,
        ],
        example: &[],
    },
    Described {
        name: "generalized_esd",
        finds: "Outliers of values that are otherwise normally distributed: Rosner's test.",
        parameters: &[
            Parameter::number("alpha", "the probability of a find in values that are all well")
                .above(0.0)
                .to(1.0)
                .default("0.05"),
            Parameter::integer(
                "max_outliers",
                "the most outliers to look for; a tenth of the history unless stated",
            )
            .from(0.0)
            .unit(Samples),
            Parameter::choice("rule", &["rosner", "adtk"], "when the search ends"),
        ],
        example: &[],
    },
    Described {
        name: "persist",
        finds: "Values far from those just before them: spikes and steps, on a signal that drifts.",
        parameters: &[
            Parameter::new(
                "window",
                Kind::Window,
                "the samples before that are compared with, as a number or a duration such as 15m",
            )
            .default("1"),
            factor("3"),
            SIDE,
            MIN_PERIODS,
            Parameter::choice("center", &["median", "mean"], "what stands for the samples before"),
            MIN_RANGE,
        ],
        example: &[("window", "60")],
    },
    Described {
        name: "level_shift",
        finds: "Steps of the level: the medians of the windows before and after are far apart.",
        parameters: &[WINDOW, RIGHT_WINDOW, factor("6"), SIDE, MIN_PERIODS, RIGHT_MIN_PERIODS, MIN_RANGE],
        example: &[("window", "60")],
    },
    Described {
        name: "volatility_shift",
        finds: "Changes of the noise: the spreads of the windows before and after are far apart.",
        parameters: &[
            WINDOW,
            RIGHT_WINDOW,
            Parameter::choice(
                "spread",
                &["std", "interquartile_range", "interdecile_range"],
                "what measures the noise",
            ),
            Parameter::choice("ratio", &["relative", "log"], "how two spreads are compared"),
            Parameter::number("min_spread", "with ratio log: a spread is taken to be at least this")
                .from(0.0)
                .default("0")
                .unit(Value),
            factor("6"),
            SIDE,
            MIN_PERIODS,
            RIGHT_MIN_PERIODS,
            Parameter::number("min_range", "the interquartile range of ratios is taken to be at least this")
                .from(0.0)
                .default("0"),
        ],
        example: &[("window", "60")],
    },
    Described {
        name: "seasonal",
        finds: "Values far from what is usual at their place in a season, such as the time of day.",
        parameters: &[
            Parameter::integer("period", "how many samples a season has; found in the history unless stated")
                .from(1.0)
                .unit(Samples),
            Parameter::new(
                "trend",
                Kind::Boolean,
                "whether the mean of one period around each sample is taken off first",
            )
            .default("false"),
            factor("3"),
            SIDE,
            MIN_RANGE,
        ],
        example: &[],
    },
    Described {
        name: "autoregression",
        finds: "Values far from what the samples before them predict.",
        parameters: &[
            Parameter::integer("lags", "how many earlier samples predict the next")
                .from(1.0)
                .to(1000.0)
                .default("1"),
            Parameter::integer("step", "how many samples apart the lags are")
                .from(1.0)
                .default("1")
                .unit(Samples),
            factor("3"),
            SIDE,
            MIN_RANGE,
        ],
        example: &[("lags", "5")],
    },
    Described {
        name: "z_score",
        finds: "Values many standard deviations from the mean of the samples before.",
        parameters: &[
            Parameter::integer("window", "how many samples before are compared with")
                .from(2.0)
                .default("100")
                .unit(Samples),
            sigmas("limit", "3", "how many standard deviations are an anomaly").above(0.0),
            periods(2.0),
        ],
        example: &[],
    },
    Described {
        name: "hampel",
        finds: "Values far from the median of the samples before, measured by their median distance from it.",
        parameters: &[
            Parameter::integer("window", "how many samples before are compared with")
                .from(2.0)
                .to(65_536.0)
                .default("100")
                .unit(Samples),
            sigmas(
                "limit",
                "3",
                "how many standard deviations, as the median distance gives them, are an anomaly",
            )
            .above(0.0),
            periods(1.0),
            Parameter::number("min_scale", "the deviation is taken to be at least this")
                .from(0.0)
                .default("0")
                .unit(Value),
        ],
        example: &[],
    },
    Described {
        name: "conformal",
        finds: "Values, or steps, as strange as hardly any of the samples before, with a stated probability of a false find.",
        parameters: &[
            Parameter::number("probability", "a sample this improbable by chance, or more so, is an anomaly")
                .above(0.0)
                .to(1.0)
                .default("0.001"),
            Parameter::integer("window", "how many samples before are compared with")
                .from(2.0)
                .to(65_536.0)
                .default("5000")
                .unit(Samples),
            Parameter::integer("min_periods", "the fewest values the window must have to judge by")
                .from(2.0)
                .default("50")
                .unit(Samples),
            Parameter::choice("strangeness", &["either", "level", "step"], "of what it is judged"),
        ],
        example: &[],
    },
    Described {
        name: "adaptive_quantile",
        finds: "Values past quantiles of all samples before: it needs no history, and follows slowly.",
        parameters: &[
            probability("low", "probability; a value below this quantile of those before is an anomaly"),
            probability("high", "probability; a value above this quantile of those before is an anomaly"),
            Parameter::integer("warm_up", "how many values are seen before the first is judged")
                .from(5.0)
                .to(1_000_000.0)
                .default("100")
                .unit(Samples),
        ],
        example: &[("low", "0.01"), ("high", "0.99")],
    },
    Described {
        name: "ewma",
        finds: "Small shifts of the mean: the chart of the exponentially weighted average.",
        parameters: &[
            Parameter::number("weight", "of the newest sample in the average")
                .above(0.0)
                .to(1.0)
                .default("0.2"),
            sigmas("limit", "3", "how many standard deviations of the average are an anomaly").above(0.0),
        ],
        example: &[],
    },
    Described {
        name: "cusum",
        finds: "Shifts of the mean, sooner than any other chart where they are of the size it is set for.",
        parameters: &[
            sigmas("slack", "0.5", "how far from the mean a sample may be without counting").from(0.0),
            sigmas("limit", "5", "the sum of what counts above which is an anomaly").above(0.0),
        ],
        example: &[],
    },
    Described {
        name: "page_hinkley",
        finds: "Changes of the mean, each once: the new mean becomes the normal one.",
        parameters: &[
            sigmas("slack", "0.5", "how far from the mean so far a sample may be without counting").from(0.0),
            sigmas("limit", "10", "the sum of what counts above which is an anomaly").above(0.0),
        ],
        example: &[],
    },
    Described {
        name: "rate_of_change",
        finds: "Values that rise or fall faster than the measured thing can.",
        parameters: &[
            Parameter::number("rise", "the fastest rise that is normal").from(0.0).unit(ValuePerSecond),
            Parameter::number("fall", "the fastest fall that is normal").from(0.0).unit(ValuePerSecond),
        ],
        example: &[],
    },
    Described {
        name: "flat_line",
        finds: "A value that does not change for too long: a sensor that is stuck, or cut off.",
        parameters: &[
            Parameter::new("longest", Kind::Duration, "how long a value may stay the same, such as 10m")
                .required(),
            Parameter::number("tolerance", "how far values may be apart and count as the same")
                .from(0.0)
                .default("0")
                .unit(Value),
        ],
        example: &[("longest", "60s")],
    },
    Described {
        name: "silence",
        finds: "Times in which nothing was heard of a quantity.",
        parameters: &[
            Parameter::new("longest", Kind::Duration, "how far apart samples may be, such as 90s").required()
        ],
        example: &[("longest", "60s")],
    },
    Described {
        name: "pipeline",
        finds: "What a detector finds in a series that steps have prepared.",
        parameters: &[
            Parameter::new("steps", Kind::Json, "the steps: difference, scale, season, rolling")
                .default("[]"),
            Parameter::new("detector", Kind::Json, "any other method, with its parameters").required(),
        ],
        example: &[
            ("steps", r#"[{"step":"difference"}]"#),
            ("detector", r#"{"method":"interquartile_range"}"#),
        ],
    },
];

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use std::collections::BTreeSet;

    use iot_analytics::Method;
    use serde_json::{Map, Value as Json};

    use super::*;

    /// A value as the query of a request brings it.
    fn read(text: &str) -> Json {
        serde_json::from_str(text).unwrap_or_else(|_| text.into())
    }

    /// The method with its example.
    fn example(described: &Described) -> Json {
        parse(described, |_| true, None).unwrap()
    }

    /// The method with those parameters of its example, and one of another value.
    fn parse(
        described: &Described,
        kept: impl Fn(&Parameter) -> bool,
        other: Option<(&str, Json)>,
    ) -> serde_json::Result<Json> {
        let mut parts = Map::from_iter([("method".to_owned(), described.name.into())]);
        let kept: Vec<_> = described.parameters.iter().filter(|one| kept(one)).map(|one| one.name).collect();
        let example = described.example.iter().filter(|(name, _)| kept.contains(name));
        parts.extend(example.map(|(name, text)| ((*name).to_owned(), read(text))));
        parts.extend(other.map(|(name, value)| (name.to_owned(), value)));
        serde_json::to_value(serde_json::from_value::<Method>(Json::Object(parts))?)
    }

    #[test]
    fn every_method_is_described_and_in_order() {
        let names: Vec<_> = DESCRIBED.iter().map(|described| described.name).collect();
        assert_eq!(names, Method::NAMES);
    }

    #[test]
    fn each_method_has_the_parameters_that_are_described_and_no_other() {
        for described in DESCRIBED {
            let parsed = example(described);
            let names: BTreeSet<_> = parsed.as_object().unwrap().keys().map(String::as_str).collect();
            let known =
                described.parameters.iter().map(|parameter| parameter.name).chain(["method"]).collect();
            assert_eq!(names, known, "{}", described.name);
        }
    }

    #[test]
    fn defaults_are_those_of_the_detectors() {
        for described in DESCRIBED {
            let parsed = parse(described, |parameter| parameter.required, None).unwrap();
            for Parameter { name, default, required, .. } in described.parameters {
                let is = &parsed[name];
                let right = match default {
                    _ if *required => true,
                    Some(text) => {
                        *is == read(text) || is.as_f64().is_some_and(|x| read(text).as_f64() == Some(x))
                    }
                    // It has no effect, or is that of the window before.
                    None => is.is_null() || *is == parsed["window"],
                };
                assert!(right, "{} {name} is {is} by default", described.name);
            }
            let required = described.parameters.iter().any(|parameter| parameter.required);
            assert_eq!(parse(described, |_| false, None).is_err(), required, "{}", described.name);
        }
    }

    #[test]
    fn choices_and_limits_are_those_of_the_detectors() {
        for described in DESCRIBED {
            for Parameter { name, kind, min, above, max, choices, .. } in described.parameters {
                let is_taken =
                    |value: Json| parse(described, |one| one.required, Some((name, value))).is_ok();
                let number =
                    |x: f64| if *kind == Kind::Integer { Json::from(x as i64) } else { Json::from(x) };
                let place = format!("{} {name}", described.name);
                let step = if *kind == Kind::Integer { 1.0 } else { 1e-9 };
                assert!(choices.iter().all(|choice| is_taken(read(choice))), "{place}");
                assert_eq!(choices.is_empty(), *kind != Kind::Choice, "{place}");
                if let Some(min) = *min {
                    // The least window has room for the least of periods only.
                    let least = Described { example: &[("min_periods", "2")], ..described.clone() };
                    let kept = |one: &Parameter| one.name == "min_periods" && *name == "window";
                    let taken =
                        is_taken(number(min)) || parse(&least, kept, Some((name, number(min)))).is_ok();
                    assert_eq!(taken, !above, "{place} {min}");
                    assert!(!is_taken(number(min - step)), "{place} below {min}");
                }
                if let Some(max) = *max {
                    assert!(!is_taken(number(max + step)), "{place} above {max}");
                }
            }
        }
    }
}
