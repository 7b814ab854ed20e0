//! The rows of a batch in the order in which they are written.

use std::ops::Range;

/// Row numbers of a batch, grouped by device; inside a group by time, and rows of one time in the order of the batch.
pub(super) struct Rows {
    order: Vec<u32>,
    groups: Vec<(usize, Range<usize>)>,
}

impl Rows {
    /// Orders the rows of which `codes` and `times` are given. `devices` says for each code that occurs where its
    /// device stands, and in what order devices are to be written; two codes may be of one device.
    pub(super) fn new(codes: &[u32], times: &[i64], devices: &[Option<(i64, usize)>]) -> Self {
        let mut ranked: Vec<(i64, usize)> = devices.iter().copied().flatten().collect();
        ranked.sort_unstable();
        ranked.dedup();
        let rank = |device: &Option<(i64, usize)>| {
            device.map_or(0, |device| ranked.partition_point(|&d| d < device))
        };
        let ranks: Vec<usize> = devices.iter().map(rank).collect();

        // Sorting by counting: the ranks are few and known.
        let mut ends = vec![0; ranked.len() + 1];
        for &code in codes {
            ends[ranks[code as usize] + 1] += 1;
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let mut next = ends.clone();
        let mut order = vec![0; codes.len()];
        for (row, &code) in (0..).zip(codes) {
            let place = &mut next[ranks[code as usize]];
            order[*place] = row;
            *place += 1;
        }
        let mut groups = Vec::with_capacity(ranked.len());
        for (rank, &(_, slot)) in ranked.iter().enumerate() {
            let range = ends[rank]..ends[rank + 1];
            let rows = &mut order[range.clone()];
            if !rows.is_sorted_by_key(|&row| times[row as usize]) {
                rows.sort_by_key(|&row| times[row as usize]);
            }
            groups.push((slot, range));
        }
        Self { order, groups }
    }

    /// For each device where it stands, and its rows.
    pub(super) fn groups(&self) -> impl Iterator<Item = (usize, &[u32])> {
        self.groups.iter().map(|(slot, range)| (*slot, &self.order[range.clone()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_grouped_by_device_and_stable_in_time() {
        // Codes 0 and 3 are one device; code 1 has no row.
        let devices = [Some((20, 5)), None, Some((10, 6)), Some((20, 5))];
        let rows = Rows::new(&[0, 2, 3, 0, 2, 0], &[7, 3, 7, 1, 2, 7], &devices);
        let groups: Vec<_> = rows.groups().collect();
        assert_eq!(groups, [(6, &[4, 1][..]), (5, &[3, 0, 2, 5][..])]);
    }
}
