//! Methods by name: one JSON object chooses a detector and its parameters.

mod frames;
mod series;

pub use frames::{FrameMethod, FrameMethodModel, FrameMethodMonitor};
pub use series::{Method, MethodModel, MethodMonitor, MethodPipeline};

use iot_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A detector of one quantity or of frames, as config files name them.
///
/// ```
/// use iot_analytics::AnyMethod;
///
/// let method: AnyMethod = serde_json::from_str(r#"{"method": "hotelling_t2", "confidence": 0.99}"#)?;
/// assert!(matches!(method, AnyMethod::Frame(_)));
/// let method: AnyMethod = serde_json::from_str(r#"{"method": "flat_line", "longest": "10m"}"#)?;
/// assert!(matches!(method, AnyMethod::Series(_)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AnyMethod {
    /// One that judges each quantity by itself.
    Series(Method),
    /// One that judges several quantities together.
    Frame(FrameMethod),
}

impl<'de> Deserialize<'de> for AnyMethod {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        let (name, parameters) = Named::deserialize(deserializer)?.into_parts();
        if FrameMethod::NAMES.contains(&&*name) {
            FrameMethod::from_parts(&name, parameters).map(Self::Frame)
        } else if Method::NAMES.contains(&&*name) {
            Method::from_parts(&name, parameters).map(Self::Series)
        } else {
            Err(unknown(&name, &[Method::NAMES, FrameMethod::NAMES].concat()))
        }
        .map_err(D::Error::custom)
    }
}

/// An object with a method's name and its parameters.
#[derive(Deserialize)]
struct Named {
    method: String,
    #[serde(flatten)]
    parameters: Map<String, Value>,
}

impl Named {
    fn into_parts(self) -> (String, Value) {
        (self.method, Value::Object(self.parameters))
    }
}

/// Reads parameters; an error names the one it is about.
fn parse<T: for<'de> Deserialize<'de>>(parameters: Value) -> Result<T> {
    serde_path_to_error::deserialize(parameters).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        Error::invalid(if path == "." { cause.to_string() } else { format!("{path}: {cause}") })
    })
}

/// The error of a name that is not one of these.
fn unknown(name: &str, names: &[&str]) -> Error {
    Error::invalid(format!("method {name:?} is not one of {}", names.join(", ")))
}

/// Defines an enum of detectors with their names, and those of their models and monitors, each a detector, model or
/// monitor itself.
macro_rules! methods {
    (
        $kind:ident: $(#[$doc:meta])* $method:ident, $model:ident, $monitor:ident:
        $($name:literal $variant:ident($detector:ident),)+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "method")]
        pub enum $method {
            $(
                #[doc = concat!("[`", stringify!($detector), "`].")]
                #[serde(rename = $name)]
                $variant($detector),
            )+
        }

        impl $method {
            /// The names there are.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name of this one.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)+ }
            }

            pub(super) fn from_parts(name: &str, parameters: serde_json::Value) -> Result<Self> {
                match name {
                    $($name => super::parse(parameters).map(Self::$variant),)+
                    _ => Err(super::unknown(name, Self::NAMES)),
                }
            }
        }

        impl<'de> Deserialize<'de> for $method {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let (name, parameters) = super::Named::deserialize(deserializer)?.into_parts();
                Self::from_parts(&name, parameters).map_err(serde::de::Error::custom)
            }
        }

        $(impl From<$detector> for $method {
            fn from(detector: $detector) -> Self {
                Self::$variant(detector)
            }
        })+

        $crate::method::methods! { @$kind $method, $model, $monitor: $($variant($detector),)+ }
    };
    (@series $method:ident, $model:ident, $monitor:ident: $($variant:ident($detector:ident),)+) => {
        impl Detector for $method {
            type Model = $model;

            fn fit(&self, history: Series<'_>) -> Result<$model> {
                match self { $(Self::$variant(detector) => detector.fit(history).map($model::$variant),)+ }
            }

            fn fit_detect(&self, history: Series<'_>) -> Result<($model, Verdicts)> {
                match self { $(Self::$variant(detector) => {
                    detector.fit_detect(history).map(|(model, verdicts)| ($model::$variant(model), verdicts))
                })+ }
            }
        }

        $crate::method::methods! { @learnt $model, $monitor: $($variant($detector, Detector, Online),)+ }

        impl Detect for $model {
            fn bounds(&self) -> Bounds {
                match self { $(Self::$variant(model) => model.bounds(),)+ }
            }

            fn detect(&self, series: Series<'_>) -> Verdicts {
                match self { $(Self::$variant(model) => model.detect(series),)+ }
            }

            fn labels(&self, series: Series<'_>) -> Vec<Label> {
                match self { $(Self::$variant(model) => model.labels(series),)+ }
            }
        }

        impl Online for $model {
            type Monitor = $monitor;

            fn monitor(&self) -> $monitor {
                match self { $(Self::$variant(model) => $monitor::$variant(model.monitor()),)+ }
            }
        }

        impl Monitor for $monitor {
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
    (@frames $method:ident, $model:ident, $monitor:ident: $($variant:ident($detector:ident),)+) => {
        impl FrameDetector for $method {
            type Model = $model;

            fn fit(&self, history: &Frame) -> Result<$model> {
                match self { $(Self::$variant(detector) => detector.fit(history).map($model::$variant),)+ }
            }
        }

        $crate::method::methods! { @learnt $model, $monitor: $($variant($detector, FrameDetector, OnlineFrame),)+ }

        impl DetectFrame for $model {
            fn quantities(&self) -> &[String] {
                match self { $(Self::$variant(model) => model.quantities(),)+ }
            }

            fn bounds(&self) -> Bounds {
                match self { $(Self::$variant(model) => model.bounds(),)+ }
            }

            fn detect(&self, frame: &Frame) -> Result<Verdicts> {
                match self { $(Self::$variant(model) => model.detect(frame),)+ }
            }
        }

        impl OnlineFrame for $model {
            type Monitor = $monitor;

            fn monitor(&self) -> $monitor {
                match self { $(Self::$variant(model) => $monitor::$variant(model.monitor()),)+ }
            }
        }

        impl FrameMonitor for $monitor {
            fn observe(&mut self, time: Timestamp, values: &[f64]) -> Verdict {
                match self { $(Self::$variant(monitor) => monitor.observe(time, values),)+ }
            }
        }
    };
    (@learnt $model:ident, $monitor:ident: $($variant:ident($detector:ident, $fit:ident, $online:ident),)+) => {
        /// What a method has learnt; the model of whichever detector it is.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $model {
            $(
                #[doc = concat!("Of [`", stringify!($detector), "`].")]
                $variant(<$detector as $fit>::Model),
            )+
        }

        /// Judges a stream by a method; the monitor of whichever detector it is.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $monitor {
            $(
                #[doc = concat!("Of [`", stringify!($detector), "`].")]
                $variant(<<$detector as $fit>::Model as $online>::Monitor),
            )+
        }
    };
}
use methods;
