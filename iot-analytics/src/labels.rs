//! Labels of several detectors as one, in Kleene's three-valued logic.

use iot_core::{Error, Label, Result};

/// An anomaly where any column has one, else unknown where any is, else normal.
///
/// # Errors
///
/// `Invalid` if the columns differ in length.
///
/// ```
/// use iot_analytics::labels::any;
/// use iot_core::Label::{Anomaly, Normal, Unknown};
///
/// let combined = any(&[&[Normal, Normal, Anomaly], &[Normal, Unknown, Unknown]])?;
/// assert_eq!(combined, [Normal, Unknown, Anomaly]);
/// # Ok::<(), iot_core::Error>(())
/// ```
pub fn any(columns: &[&[Label]]) -> Result<Vec<Label>> {
    combine(columns, Label::or)
}

/// An anomaly where every column has one, else normal where any is, else unknown.
///
/// # Errors
///
/// `Invalid` if the columns differ in length.
pub fn all(columns: &[&[Label]]) -> Result<Vec<Label>> {
    combine(columns, Label::and)
}

fn combine(columns: &[&[Label]], join: fn(Label, Label) -> Label) -> Result<Vec<Label>> {
    let Some((first, rest)) = columns.split_first() else { return Ok(Vec::new()) };
    let mut combined = first.to_vec();
    for column in rest {
        check_lengths(first.len(), column.len())?;
        combined.iter_mut().zip(*column).for_each(|(label, &other)| *label = join(*label, other));
    }
    Ok(combined)
}

/// That two columns have one length.
pub(crate) fn check_lengths(one: usize, other: usize) -> Result<()> {
    if one == other {
        return Ok(());
    }
    Err(Error::invalid(format!("columns have {one} and {other} labels")))
}
