//! The scores of two public benchmarks, so that results can be compared with published ones.

pub mod nab;
pub mod skab;
