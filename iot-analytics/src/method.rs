//! Methods by name: one JSON object chooses a detector and its parameters.

use iot_core::{
    Detect, Detector, Error, Label, Monitor, Online, Result, Series, Timestamp, Verdict, Verdicts,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::detect::{
    Autoregression, Cusum, Ewma, FlatLine, GeneralizedEsd, InterquartileRange, LevelShift, PageHinkley,
    Persist, Quantile, RateOfChange, Silence, Threshold, VolatilityShift,
};

macro_rules! methods {
    ($($(#[$doc:meta])* $name:literal $variant:ident($detector:ty),)+) => {
        /// A detector of one quantity and its parameters, as the dashboard and config files name them.
        ///
        /// It is written as one object: `method` is the name, the other members are the parameters of the
        /// detector, whose page lists them. What is not given has its default. A wrong parameter is refused by name.
        ///
        /// ```
        /// use iot_analytics::Method;
        /// use iot_core::{Detect, Detector, Series};
        ///
        /// let method: Method = serde_json::from_str(r#"{"method": "value_based", "low": 22.67, "high": 90.21}"#)?;
        /// let current = Series::new(&[0, 1, 2], &[50.0, 95.0, f64::NAN])?;
        /// assert_eq!(method.fit(current)?.detect(current).anomalies().collect::<Vec<_>>(), [1]);
        ///
        /// let error = serde_json::from_str::<Method>(r#"{"method": "quantile", "high": 1.5}"#).unwrap_err();
        /// assert!(error.to_string().starts_with("high 1.5 is not a probability in 0..=1"));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "method")]
        pub enum Method {
            $($(#[$doc])* #[serde(rename = $name)] $variant($detector),)+
        }

        impl Method {
            /// The names there are.
            pub const NAMES: &[&str] = &[$($name),+];

            /// The name of this one.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)+ }
            }

            fn from_parts(name: &str, parameters: serde_json::Value) -> Result<Self> {
                match name {
                    $($name => parse(parameters).map(Self::$variant),)+
                    _ => {
                        let names = Self::NAMES.join(", ");
                        Err(Error::invalid(format!("method {name:?} is not one of {names}")))
                    }
                }
            }
        }

        impl Detector for Method {
            type Model = MethodModel;

            fn fit(&self, history: Series<'_>) -> Result<MethodModel> {
                match self { $(Self::$variant(detector) => detector.fit(history).map(MethodModel::$variant),)+ }
            }
        }

        $(impl From<$detector> for Method {
            fn from(detector: $detector) -> Self {
                Self::$variant(detector)
            }
        })+

        /// What a [`Method`] has learnt.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum MethodModel {
            $($(#[$doc])* $variant(<$detector as Detector>::Model),)+
        }

        impl Detect for MethodModel {
            fn detect(&self, series: Series<'_>) -> Verdicts {
                match self { $(Self::$variant(model) => model.detect(series),)+ }
            }

            fn labels(&self, series: Series<'_>) -> Vec<Label> {
                match self { $(Self::$variant(model) => model.labels(series),)+ }
            }
        }

        impl Online for MethodModel {
            type Monitor = MethodMonitor;

            fn monitor(&self) -> MethodMonitor {
                match self { $(Self::$variant(model) => MethodMonitor::$variant(model.monitor()),)+ }
            }
        }

        /// Judges a stream by a [`Method`].
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum MethodMonitor {
            $($(#[$doc])* $variant(<<$detector as Detector>::Model as Online>::Monitor),)+
        }

        impl Monitor for MethodMonitor {
            fn observe(&mut self, time: Timestamp, value: f64) -> Option<Verdict> {
                match self { $(Self::$variant(monitor) => monitor.observe(time, value),)+ }
            }

            fn due(&mut self) -> Option<Verdict> {
                match self { $(Self::$variant(monitor) => monitor.due(),)+ }
            }

            fn end(&mut self) {
                match self { $(Self::$variant(monitor) => monitor.end(),)+ }
            }
        }
    };
}

methods! {
    /// [`Threshold`].
    "value_based" ValueBased(Threshold),
    /// [`Quantile`].
    "quantile" Quantile(Quantile),
    /// [`InterquartileRange`].
    "interquartile_range" InterquartileRange(InterquartileRange),
    /// [`GeneralizedEsd`].
    "generalized_esd" GeneralizedEsd(GeneralizedEsd),
    /// [`Persist`].
    "persist" Persist(Persist),
    /// [`LevelShift`].
    "level_shift" LevelShift(LevelShift),
    /// [`VolatilityShift`].
    "volatility_shift" VolatilityShift(VolatilityShift),
    /// [`Autoregression`].
    "autoregression" Autoregression(Autoregression),
    /// [`Ewma`].
    "ewma" Ewma(Ewma),
    /// [`Cusum`].
    "cusum" Cusum(Cusum),
    /// [`PageHinkley`].
    "page_hinkley" PageHinkley(PageHinkley),
    /// [`RateOfChange`].
    "rate_of_change" RateOfChange(RateOfChange),
    /// [`FlatLine`].
    "flat_line" FlatLine(FlatLine),
    /// [`Silence`].
    "silence" Silence(Silence),
}

/// Reads parameters; an error names the one it is about.
fn parse<T: for<'de> Deserialize<'de>>(parameters: serde_json::Value) -> Result<T> {
    serde_path_to_error::deserialize(parameters).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        Error::invalid(if path == "." { cause.to_string() } else { format!("{path}: {cause}") })
    })
}

impl<'de> Deserialize<'de> for Method {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        let mut parameters = serde_json::Map::deserialize(deserializer)?;
        match parameters.remove("method") {
            Some(serde_json::Value::String(name)) => {
                Self::from_parts(&name, parameters.into()).map_err(D::Error::custom)
            }
            Some(other) => Err(D::Error::custom(format!("method {other} is not a name"))),
            None => Err(D::Error::missing_field("method")),
        }
    }
}
