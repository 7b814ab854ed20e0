//! Principal components of standardised quantities.

use iot_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::rows::History;
use crate::Moments;
use crate::linear::{decompose, dot};

/// The directions in which standardised quantities vary together, and how much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Principal {
    means: Vec<f64>,
    stds: Vec<f64>,
    /// Of each direction, the most varied first.
    variances: Vec<f64>,
    directions: Vec<Vec<f64>>,
    /// How many directions are the model; the others are the residual.
    kept: usize,
    /// Of the history.
    rows: usize,
}

impl Principal {
    /// Learns from a history; quantities that are constant there are left out. The directions kept are the fewest that
    /// hold the share `share` of the variance.
    ///
    /// Answers the names of the quantities that are left, too.
    pub(super) fn of(history: History, share: f64) -> Result<(Vec<String>, Self)> {
        let rows = history.len();
        let mut quantities = Vec::new();
        let mut standardised = Vec::new();
        let (mut means, mut stds) = (Vec::new(), Vec::new());
        for (name, column) in history.quantities.into_iter().zip(history.columns) {
            let moments = Moments::of(&column);
            if moments.variance() == 0.0 {
                continue;
            }
            // The deviation of the population, as scikit-learn standardises.
            let (mean, std) = (moments.mean(), moments.std() * ((rows as f64 - 1.0) / rows as f64).sqrt());
            if !std.is_finite() {
                return Err(Error::invalid(format!("the history of {name} has too few or too large values")));
            }
            quantities.push(name);
            standardised.push(column.iter().map(|value| (value - mean) / std).collect());
            means.push(mean);
            stds.push(std);
        }
        let width = quantities.len();
        if width == 0 || rows < width + 2 {
            return Err(Error::invalid(format!(
                "the history has {rows} complete rows for {width} quantities that vary: needed are two more than \
                 quantities, and one quantity"
            )));
        }
        let parts = decompose(standardised);
        let variances: Vec<f64> =
            parts.values.iter().map(|value| value * value / (rows as f64 - 1.0)).collect();
        let kept = enough(&variances, share);
        Ok((quantities, Self { means, stds, variances, directions: parts.vectors, kept, rows }))
    }

    /// How many rows it was learnt from.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// How many directions are kept.
    pub(super) fn kept(&self) -> usize {
        self.kept
    }

    /// The variances of the directions that are not kept.
    pub(super) fn residual_variances(&self) -> &[f64] {
        &self.variances[self.kept..]
    }

    /// Hotelling's T² of a row: the squares of its parts along the kept directions, each over the variance there.
    pub(super) fn t2(&self, row: &[f64]) -> f64 {
        let parts = self.parts(row).zip(&self.variances).take(self.kept);
        parts.map(|(part, variance)| part * part / variance).sum()
    }

    /// The squared prediction error of a row: the squares of its parts along the other directions.
    pub(super) fn error(&self, row: &[f64]) -> f64 {
        self.parts(row).skip(self.kept).map(|part| part * part).sum()
    }

    /// The parts of a row along each direction.
    fn parts(&self, row: &[f64]) -> impl Iterator<Item = f64> + '_ {
        let scales = self.means.iter().zip(&self.stds);
        let standardised: Vec<f64> =
            row.iter().zip(scales).map(|(value, (mean, std))| (value - mean) / std).collect();
        self.directions.iter().map(move |direction| dot(direction, &standardised))
    }
}

/// How many directions, the most varied first, hold this share of the variance.
fn enough(variances: &[f64], share: f64) -> usize {
    let total: f64 = variances.iter().sum();
    // A direction of nothing but rounding would put any row infinitely far out.
    let real = variances.iter().filter(|&&variance| variance > total * 1e-12).count();
    let mut held = 0.0;
    let needed = variances.iter().take_while(|&&variance| {
        let more = held < share * total;
        held += variance;
        more
    });
    needed.count().min(real)
}
