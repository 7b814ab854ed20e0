//! The scores of two public benchmarks, so that results can be compared with published ones.
//!
//! Two examples score a folder of files and print a table and one line of totals. `DIR` is SKAB's or NAB's `data`:
//!
//! ```text
//! cargo run --release -p iot-analytics --example score_skab -- DIR [--method JSON|t2|t2_q] [--rules JSON]
//! cargo run --release -p iot-analytics --example score_nab -- DIR LABELS.json WINDOWS.json [--method JSON|windowed_gaussian] [--quiet ROWS]
//! ```
//!
//! On 17 of SKAB's 34 files, F1 with the rates of false and missed alarms, and the changepoint score (standard):
//!
//! | command | F1 | FAR % | MAR % | changepoints |
//! | --- | --: | --: | --: | --: |
//! | `score_skab DIR` | 0.808 | 18.69 | 21.23 | 31.36 |
//! | `score_skab DIR --method t2_q` | 0.726 | 40.57 | 22.78 | 25.00 |
//! | `score_skab DIR --method t2` | 0.610 | 25.59 | 46.29 | 16.32 |
//!
//! Our default is a MEWMA chart ([`HotellingT2`](crate::detect::HotellingT2)) of the quantities that do not drift, with an alarm that lasts until the
//! score has fallen to half of its limit. Its parameters are the textbook's and the same for all files; a weight from 0.1 to 0.3, an
//! autocorrelation from 0.6 to 0.9 and a release from 0.3 to 1 keep F1 between 0.77 and 0.82, and either half of the files is at 0.80 or above.
//!
//! On 5 of NAB's 58 files, the scores of its three profiles:
//!
//! | command | standard | low FP | low FN |
//! | --- | --: | --: | --: |
//! | `score_nab DIR LABELS WINDOWS` | 77.13 | 67.66 | 81.98 |
//! | `… --method windowed_gaussian` | 29.80 | 21.55 | 33.75 |
//! | `… --method '{"method": "z_score", "window": 300}' --quiet 0` | 19.83 | 19.83 | 21.56 |
//!
//! Our default is a [`Conformal`](crate::detect::Conformal) test over as many samples as NAB's own baseline looks back on, 6,400, one alarm in 200
//! rows. Windows from 4,000 to 16,000 samples score above 70, shorter ones less: 2,000 samples do not hold what is usual in a
//! week. Five files are few; read it as a test of the scorer more than of the detector.

pub mod nab;
pub mod skab;
