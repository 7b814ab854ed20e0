//! Methods that judge several quantities together.

use iot_core::{
    Bounds, DetectFrame, Frame, FrameDetector, FrameMonitor, OnlineFrame, Result, Timestamp, Verdict,
    Verdicts,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::detect::{AnyOf, HalfSpaceTrees, HotellingT2, Pca, Regression, SquaredPredictionError};

super::methods! {
    frames:
    /// A detector of frames and its parameters, written as a [`Method`](crate::Method) is.
    ///
    /// ```
    /// use iot_analytics::FrameMethod;
    ///
    /// let method: FrameMethod = serde_json::from_str(r#"{"method": "regression", "target": "power"}"#)?;
    /// assert_eq!(method.name(), "regression");
    ///
    /// let error = serde_json::from_str::<FrameMethod>(r#"{"method": "hotelling_t2", "weight": 2}"#).unwrap_err();
    /// assert!(error.to_string().starts_with("weight 2 is not above 0 and at most 1"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    FrameMethod, FrameMethodModel, FrameMethodMonitor:
    "hotelling_t2" HotellingT2(HotellingT2),
    "squared_prediction_error" SquaredPredictionError(SquaredPredictionError),
    "pca" Pca(Pca),
    "regression" Regression(Regression),
    "half_space_trees" HalfSpaceTrees(HalfSpaceTrees),
    "any_of" AnyOf(AnyOf),
}
