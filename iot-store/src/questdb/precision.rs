//! Which times a table can hold, and how they stand in it.

use std::fmt;

/// How fine the times of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    /// `TIMESTAMP_NS`, which our own tables have.
    Nanos,
    /// `TIMESTAMP`, microseconds: tables made by others.
    Micros,
}

/// The first time past what a table can hold, nanoseconds: 2262-01-01, when the server's nanoseconds end.
const END: i64 = 9_214_646_400_000_000_000;

impl Precision {
    pub(super) fn of_type(kind: &str) -> Option<Self> {
        match kind {
            "TIMESTAMP_NS" => Some(Self::Nanos),
            "TIMESTAMP" => Some(Self::Micros),
            _ => None,
        }
    }

    fn nanos_per_unit(self) -> i64 {
        match self {
            Self::Nanos => 1,
            Self::Micros => 1_000,
        }
    }

    /// Whether a time, in nanoseconds, can be held as it is. The server knows none before 1970.
    pub(super) fn holds(self, time: i64) -> bool {
        (0..END).contains(&time) && time % self.nanos_per_unit() == 0
    }

    /// A time of a table, in nanoseconds, as an expression; `time` is one.
    pub(super) fn nanos_of(self, time: &str) -> String {
        match self {
            Self::Nanos => format!("cast({time} AS long)"),
            Self::Micros => format!("cast({time} AS long) * 1000"),
        }
    }

    /// Parameter `number`, a bound from [`bound`](Self::bound), as a time of the table.
    pub(super) fn parameter(self, number: usize) -> String {
        match self {
            Self::Nanos => format!("cast(${number} AS timestamp_ns)"),
            Self::Micros => format!("cast(${number} AS timestamp)"),
        }
    }

    /// A bound from [`bound`](Self::bound) as a time of the table, where no parameter can stand.
    pub(super) fn literal(self, bound: i64) -> String {
        match self {
            Self::Nanos => format!("cast({bound} AS timestamp_ns)"),
            Self::Micros => format!("cast({bound} AS timestamp)"),
        }
    }

    /// The first unit of the table that is not before `time`, in nanoseconds: a range has its start, and not its end.
    pub(super) fn bound(self, time: i64) -> i64 {
        let time = time.clamp(0, END);
        let unit = self.nanos_per_unit();
        time / unit + i64::from(time % unit > 0)
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self {
            Self::Nanos => "nanoseconds",
            Self::Micros => "whole microseconds in this table",
        };
        write!(f, "{unit} from 1970 to 2261")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_cuts_where_the_nanoseconds_do() {
        for time in [-5, 0, 1, 999, 1_000, 1_001, END - 1, END, i64::MAX] {
            for (precision, unit) in [(Precision::Nanos, 1), (Precision::Micros, 1_000)] {
                let bound = precision.bound(time);
                for held in [0, 1_000, 2_000, 1_700_000_000_000_000_000, END - unit] {
                    assert!(precision.holds(held));
                    assert_eq!(held / unit >= bound, held >= time, "{held} from {time}");
                }
            }
        }
    }

    #[test]
    fn a_finer_time_than_the_table_has_is_not_held() {
        assert!(Precision::Nanos.holds(1_001) && !Precision::Micros.holds(1_001));
        assert!(!Precision::Nanos.holds(-1) && !Precision::Nanos.holds(END));
    }
}
