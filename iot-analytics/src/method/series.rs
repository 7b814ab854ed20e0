//! Methods that judge one quantity.

use iot_core::{
    Bounds, Detect, Detector, Label, Monitor, Online, Result, Series, Timestamp, Verdict, Verdicts,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::detect::{
    AdaptiveQuantile, Autoregression, Conformal, Cusum, Ewma, FlatLine, GeneralizedEsd, Hampel,
    InterquartileRange, LevelShift, PageHinkley, Persist, Quantile, RateOfChange, Seasonal, Silence,
    Threshold, VolatilityShift, ZScore,
};
use crate::pipeline::Pipeline;

/// A [`Pipeline`] whose detector is a method.
pub type MethodPipeline = Pipeline<Method>;

super::methods! {
    series:
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
    Method, MethodModel, MethodMonitor:
    "value_based" ValueBased(Threshold),
    "quantile" Quantile(Quantile),
    "interquartile_range" InterquartileRange(InterquartileRange),
    "generalized_esd" GeneralizedEsd(GeneralizedEsd),
    "persist" Persist(Persist),
    "level_shift" LevelShift(LevelShift),
    "volatility_shift" VolatilityShift(VolatilityShift),
    "seasonal" Seasonal(Seasonal),
    "autoregression" Autoregression(Autoregression),
    "z_score" ZScore(ZScore),
    "hampel" Hampel(Hampel),
    "conformal" Conformal(Conformal),
    "adaptive_quantile" AdaptiveQuantile(AdaptiveQuantile),
    "ewma" Ewma(Ewma),
    "cusum" Cusum(Cusum),
    "page_hinkley" PageHinkley(PageHinkley),
    "rate_of_change" RateOfChange(RateOfChange),
    "flat_line" FlatLine(FlatLine),
    "silence" Silence(Silence),
    "pipeline" Pipeline(MethodPipeline),
}
