//! Splitting a batch by the partition of its devices.

use crate::{Batch, Column, Result};

/// The parts of a batch by partition, rows in their order, each with the devices that it has rows of.
pub(super) fn split(batch: &Batch, partitions: usize) -> Result<Vec<(usize, Batch)>> {
    let homes: Vec<u16> = batch
        .devices()
        .iter()
        .map(|device| partition_of(device.id().as_bytes(), partitions) as u16)
        .collect();
    let home = |row: usize| usize::from(homes[batch.codes()[row] as usize]);
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    if homes.iter().all(|&home| home == homes[0]) {
        return Ok(vec![(home(0), batch.clone())]);
    }
    let mut rows: Vec<Vec<u32>> = vec![Vec::new(); partitions];
    for row in 0..batch.len() {
        rows[home(row)].push(row as u32);
    }
    // A device has one partition, so that one table of new codes serves all parts.
    let mut codes = vec![u32::MAX; batch.devices().len()];
    let parts = rows.iter().enumerate().filter(|(_, rows)| !rows.is_empty());
    parts.map(|(partition, rows)| Ok((partition, part(batch, rows, &mut codes)?))).collect()
}

fn part(batch: &Batch, rows: &[u32], codes: &mut [u32]) -> Result<Batch> {
    let mut devices = Vec::new();
    let mut code = |&row: &u32| {
        let old = batch.codes()[row as usize] as usize;
        if codes[old] == u32::MAX {
            codes[old] = devices.len() as u32;
            devices.push(batch.devices()[old].clone());
        }
        codes[old]
    };
    let new_codes = rows.iter().map(&mut code).collect();
    let times = rows.iter().map(|&row| batch.times()[row as usize]).collect();
    let column = |column: &Column| Column {
        quantity: column.quantity.clone(),
        values: rows.iter().map(|&row| column.values[row as usize]).collect(),
    };
    let columns = batch.columns().iter().map(column);
    let columns = columns.filter(|column| column.values.iter().any(|value| !value.is_nan())).collect();
    Batch::new(devices, new_codes, times, columns)
}

/// The partition of a key, as Kafka's own clients choose it.
fn partition_of(key: &[u8], partitions: usize) -> usize {
    (murmur2(key) & 0x7fff_ffff) as usize % partitions
}

/// MurmurHash2 of 32 bits with the seed of Kafka (Austin Appleby, public domain).
fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ bytes.len() as u32;
    let (words, rest) = bytes.as_chunks::<4>();
    for &word in words {
        let mut k = u32::from_le_bytes(word).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (at, &byte) in rest.iter().enumerate() {
            hash ^= u32::from(byte) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::murmur2;

    #[test]
    fn hashes_are_those_of_the_java_client() {
        // From `UtilsTest.testMurmur2` of Apache Kafka.
        let cases: [(&[u8], i32); 7] = [
            (b"21", -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"a-little-bit-longer-string", -1_486_304_829),
            (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            (b"abc", 479_470_107),
            (b"", 275_646_681),
        ];
        for (key, hash) in cases {
            assert_eq!(murmur2(key) as i32, hash, "{key:?}");
        }
    }
}
