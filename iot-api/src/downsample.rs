//! The few points of a long series that draw the same line.

use crate::cadence::Cadence;

/// A reading of one quantity: time in nanoseconds UTC, and value.
pub(crate) type Point = (i64, f64);

/// Reduces a series to about as many points as a screen shows, in one pass and bounded memory.
///
/// The method is MinMaxLTTB: of each cell of time the smallest and the largest value are kept, and of those the
/// points that span the largest triangles. Each point is a reading as it was. The smallest and the largest of all
/// are always among them, and so are both ends of a pause, with a NaN between them.
///
/// Cells start narrow and double in width as the series grows, so that neither its range nor its length need be known.
///
/// Source: J. Van Der Donckt et al., "MinMaxLTTB: Leveraging MinMax-Preselection to Scale LTTB", IEEE VIS 2023.
#[derive(Debug)]
pub(crate) struct Downsample {
    points: usize,
    /// All of it, while it is no more than asked for.
    all: Vec<Point>,
    count: u64,
    start: i64,
    width: u64,
    cells: Vec<Cell>,
    /// How far after `start` the last cell ends.
    end: u64,
    cadence: Cadence,
    last: Option<Point>,
    /// The pauses while all points are kept; later each cell has its own.
    pauses: Vec<Pause>,
}

type Pause = (Point, Point);

/// What is kept of one stretch of time.
#[derive(Debug, Clone, Copy)]
struct Cell {
    min: Point,
    max: Point,
    /// The longest pause that ends here.
    pause: Option<Pause>,
}

impl Cell {
    const EMPTY: Self = Self { min: (0, f64::NAN), max: (0, f64::NAN), pause: None };

    fn is_empty(&self) -> bool {
        self.min.1.is_nan()
    }

    fn add(&mut self, point: Point) {
        if self.is_empty() || point.1 < self.min.1 {
            self.min = point;
        }
        if self.max.1.is_nan() || point.1 > self.max.1 {
            self.max = point;
        }
    }

    fn merge(mut self, later: Self) -> Self {
        if !later.is_empty() {
            self.add(later.min);
            self.add(later.max);
        }
        let longer = |pause: &Pause| self.pause.is_none_or(|mine| length(pause) > length(&mine));
        self.pause = later.pause.filter(longer).or(self.pause);
        self
    }
}

fn length((from, to): &Pause) -> u64 {
    to.0.abs_diff(from.0)
}

impl Downsample {
    /// Reduces to about this many points.
    pub(crate) fn new(points: usize) -> Self {
        Self {
            points,
            all: Vec::new(),
            count: 0,
            start: 0,
            width: 1,
            cells: Vec::new(),
            end: 0,
            cadence: Cadence::default(),
            last: None,
            pauses: Vec::new(),
        }
    }

    /// Adds the next reading; it is skipped if NaN.
    pub(crate) fn push(&mut self, time: i64, value: f64) {
        if value.is_nan() {
            return;
        }
        let point = (time, value);
        let pause =
            self.last.filter(|last| self.cadence.is_pause(time.abs_diff(last.0))).map(|last| (last, point));
        self.last = Some(point);
        self.count += 1;
        if self.count <= self.points as u64 {
            self.all.push(point);
            self.pauses.extend(pause);
        }
        let cell = self.cell(time);
        cell.add(point);
        if let Some(pause) = pause {
            *cell = cell.merge(Cell { pause: Some(pause), ..Cell::EMPTY });
        }
    }

    /// The cell of a time that is not before any other.
    fn cell(&mut self, time: i64) -> &mut Cell {
        if self.cells.is_empty() {
            self.start = time;
        }
        // Most readings fall into the last cell, and a division costs more than all else here.
        if time.abs_diff(self.start) >= self.end {
            self.extend_to(time);
        }
        let last = self.cells.len() - 1;
        &mut self.cells[last]
    }

    /// Makes the cell of a time the last one.
    fn extend_to(&mut self, time: i64) {
        // Between `most` and half of it cells are in use: four to eight times as many points as asked for, by pairs.
        let most = 4 * self.points as u64;
        while time.abs_diff(self.start) / self.width >= most {
            let pairs = self.cells.chunks(2).map(|pair| match *pair {
                [first, second] => first.merge(second),
                _ => pair[0],
            });
            self.cells = pairs.collect();
            self.width *= 2;
        }
        let at = (time.abs_diff(self.start) / self.width) as usize;
        self.cells.resize(at + 1, Cell::EMPTY);
        self.end = (at as u64 + 1).saturating_mul(self.width);
    }

    /// How many readings there were.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The points, ascending in time, those to be `kept` among them; a value of NaN is a pause.
    pub(crate) fn finish(mut self, kept: &[Point]) -> Vec<Point> {
        if self.count <= self.points as u64 {
            return broken(self.all, &self.pauses);
        }
        let mut pauses: Vec<Pause> = self.cells.iter().filter_map(|cell| cell.pause).collect();
        // Their ends are points too: of very many pauses the longest must do.
        pauses.sort_by_key(|pause| std::cmp::Reverse(length(pause)));
        pauses.truncate(self.points / 4);
        pauses.sort_by_key(|pause| pause.0.0);
        let mut ahead = std::mem::take(&mut self.all);
        ahead.clear();
        ahead.extend(self.cells.iter().filter(|cell| !cell.is_empty()).flat_map(|cell| [cell.min, cell.max]));
        ahead.extend(self.last);
        ahead.extend(pauses.iter().flat_map(|&(from, to)| [from, to]));
        ahead.sort_by_key(|point| point.0);
        ahead.dedup_by_key(|point| point.0);
        let extremes = [
            ahead.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)),
            ahead.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)),
        ];
        let mut chosen = Vec::with_capacity(self.points + 2);
        let mut rest = ahead.as_slice();
        let share = self.points.saturating_sub(2) as f64 / ahead.len() as f64;
        let ends = pauses.iter().map(|pause| pause.0.0).chain(Some(i64::MAX));
        for end in ends {
            let (stretch, later) = rest.split_at(rest.partition_point(|point| point.0 <= end));
            largest_triangles(stretch, (stretch.len() as f64 * share) as usize, &mut chosen);
            rest = later;
        }
        chosen.extend(extremes.into_iter().flatten());
        chosen.extend(kept.iter().filter(|point| !point.1.is_nan()));
        chosen.sort_by_key(|point| point.0);
        chosen.dedup_by_key(|point| point.0);
        broken(chosen, &pauses)
    }
}

/// These points with a NaN in the middle of each pause.
fn broken(mut points: Vec<Point>, pauses: &[Pause]) -> Vec<Point> {
    points.extend(pauses.iter().map(|(from, to)| (from.0.midpoint(to.0), f64::NAN)));
    points.sort_by_key(|point| point.0);
    points
}

/// Adds `count` of these points, but at least the first and the last: of each of so many stretches the one that spans
/// the largest triangle with the one chosen before and the mean of the next stretch.
///
/// Source: S. Steinarsson, "Downsampling Time Series for Visual Representation", 2013.
fn largest_triangles(points: &[Point], count: usize, chosen: &mut Vec<Point>) {
    let [first, inner @ .., last] = points else {
        chosen.extend_from_slice(points);
        return;
    };
    chosen.push(*first);
    let stretches = count.saturating_sub(2).min(inner.len());
    let edge = |at: usize| at * inner.len() / stretches;
    for at in 0..stretches {
        let next =
            if at + 1 < stretches { &inner[edge(at + 1)..edge(at + 2)] } else { std::slice::from_ref(last) };
        let origin = chosen[chosen.len() - 1];
        // Times from the one before: as absolute nanoseconds they would lose their last digits.
        let x = |point: &Point| point.0.abs_diff(origin.0) as f64;
        let n = next.len() as f64;
        let mean_x = next.iter().map(x).sum::<f64>() / n;
        let mean_y = next.iter().map(|point| point.1 / n).sum::<f64>();
        let area = |point: &Point| (x(point) * (mean_y - origin.1) - mean_x * (point.1 - origin.1)).abs();
        let largest = inner[edge(at)..edge(at + 1)].iter().max_by(|a, b| area(a).total_cmp(&area(b)));
        chosen.extend(largest);
    }
    chosen.push(*last);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reduced(points: usize, series: impl IntoIterator<Item = Point>) -> Vec<Point> {
        let mut downsample = Downsample::new(points);
        series.into_iter().for_each(|(time, value)| downsample.push(time, value));
        downsample.finish(&[])
    }

    fn wave(count: i64) -> impl Iterator<Item = Point> {
        (0..count).map(|i| (i * 1_000_000_000, (i as f64 / 500.0).sin() + (i % 7) as f64 / 10.0))
    }

    #[test]
    fn a_short_series_is_kept_whole() {
        assert_eq!(reduced(500, wave(500)), wave(500).collect::<Vec<_>>());
    }

    #[test]
    fn a_long_series_becomes_as_many_points_as_asked_for_each_a_reading() {
        let points = reduced(500, wave(100_000));
        assert!((450..=504).contains(&points.len()), "{}", points.len());
        let all: std::collections::HashMap<i64, f64> = wave(100_000).collect();
        assert!(points.iter().all(|(time, value)| all[time] == *value));
        assert!(points.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!((points[0].0, points[points.len() - 1].0), (0, 99_999_000_000_000));
    }

    #[test]
    fn the_extremes_of_all_are_kept() {
        let spiked = wave(100_000).map(|(time, value)| match time / 1_000_000_000 {
            54_321 => (time, 99.0),
            12_345 => (time, -99.0),
            _ => (time, value),
        });
        let points = reduced(100, spiked);
        assert!(points.contains(&(54_321_000_000_000, 99.0)));
        assert!(points.contains(&(12_345_000_000_000, -99.0)));
    }

    #[test]
    fn an_extreme_that_hardly_stands_out_is_kept_wherever_it_is() {
        for place in (500..10_000).step_by(333) {
            let (low, high) = (place, place + 7);
            let points = reduced(
                50,
                (0..10_000).map(|i| match i {
                    _ if i == low => (i, -0.1),
                    _ if i == high => (i, 10.1),
                    _ => (i, (i % 2 * 10) as f64),
                }),
            );
            assert!(points.contains(&(low, -0.1)) && points.contains(&(high, 10.1)), "{place}");
        }
    }

    #[test]
    fn what_must_be_kept_is() {
        let mut downsample = Downsample::new(100);
        wave(100_000).for_each(|(time, value)| downsample.push(time, value));
        let kept: Vec<Point> = wave(100_000).skip(777).step_by(7_777).collect();
        let points = downsample.finish(&kept);
        assert!(kept.iter().all(|point| points.contains(point)));
        assert!(points.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_pause_is_kept_with_both_ends() {
        let paused =
            || wave(100_000).filter(|(time, _)| !(40_001..=40_100).contains(&(time / 1_000_000_000)));
        for points in [reduced(200, paused()), reduced(200_000, paused())] {
            let at = points.iter().position(|point| point.1.is_nan()).unwrap_or_default();
            assert_eq!(points[at - 1].0, 40_000_000_000_000);
            assert_eq!(points[at + 1].0, 40_101_000_000_000);
            assert_eq!(points.iter().filter(|point| point.1.is_nan()).count(), 1);
        }
    }

    #[test]
    fn no_time_is_too_far_off() {
        let points = reduced(10, [(i64::MIN, 1.0), (0, 2.0), (i64::MAX, 3.0)]);
        assert_eq!(points.len(), 3);
        let points = reduced(3, (-50_i64..50).map(|i| (i * (i64::MAX / 50), i as f64)));
        assert!(points.len() <= 6);
    }
}
