//! What a public function accepts as values.

use std::borrow::Cow;

use ndarray::ArrayView1;

/// The values of a view in one piece; copied only where the view strides over memory.
pub(crate) fn dense<'a>(values: impl Into<ArrayView1<'a, f64>>) -> Cow<'a, [f64]> {
    let view = values.into();
    match view.to_slice() {
        Some(slice) => Cow::Borrowed(slice),
        None => Cow::Owned(view.to_vec()),
    }
}
