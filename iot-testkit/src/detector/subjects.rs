//! What detectors are tried on.

/// A series with a name, so that a failure can say on what.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) times: Vec<i64>,
    pub(super) values: Vec<f64>,
}

pub(super) const SECOND: i64 = 1_000_000_000;
const START: i64 = 1_700_000_000 * SECOND;
const HISTORY: usize = 600;

/// A small generator of our own: the same series on every machine, and no dependency.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Evenly from 0 to 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A bell curve around 0 with a deviation of about 1.
    pub(super) fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

fn regular(from: usize, n: usize) -> Vec<i64> {
    (from..from + n).map(|i| START + i as i64 * SECOND).collect()
}

fn wave(from: usize, n: usize, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let turn = std::f64::consts::TAU / 24.0;
    (from..from + n).map(|i| 230.0 + 5.0 * (i as f64 * turn).sin() + 0.5 * random.noise()).collect()
}

/// A time in which all was well.
pub(super) fn history() -> Subject {
    Subject { name: "history".into(), times: regular(0, HISTORY), values: wave(0, HISTORY, 1) }
}

/// What comes after the history.
pub(super) fn subjects() -> Vec<Subject> {
    let mut all = Vec::new();
    let mut add = |name: &str, times: Vec<i64>, values: Vec<f64>| {
        all.push(Subject { name: name.into(), times, values });
    };
    let after = |n| regular(HISTORY, n);
    let healthy = wave(HISTORY, 300, 2);

    let mut faulty = healthy.clone();
    faulty[40] += 60.0;
    faulty[41] -= 60.0;
    faulty[100..140].iter_mut().for_each(|value| *value += 20.0);
    faulty[180..220]
        .iter_mut()
        .enumerate()
        .for_each(|(i, value)| *value += if i % 2 == 0 { 15.0 } else { -15.0 });
    faulty[240..280].fill(228.0);
    add("faulty", after(300), faulty.clone());

    let mut random = Random::new(3);
    let mut missing = faulty.clone();
    missing.iter_mut().filter(|_| random.chance(0.1)).for_each(|value| *value = f64::NAN);
    missing[150..180].fill(f64::NAN);
    missing[0] = f64::NAN;
    missing[299] = f64::NAN;
    add("some missing", after(300), missing.clone());

    let mut at = START + HISTORY as i64 * SECOND;
    let mut irregular = Vec::new();
    for _ in 0..300 {
        irregular.push(at);
        at += 1 + (random.unit() * 3.0 * SECOND as f64) as i64;
        at += if random.chance(0.02) { 60 * SECOND } else { 0 };
    }
    add("irregular", irregular.clone(), faulty.clone());
    add("irregular, some missing", irregular, missing);
    add("quantised", after(300), faulty.iter().map(|value| (value / 4.0).round() * 4.0).collect());
    add("a ramp", after(300), (0..300).map(|i| -0.5 * f64::from(i)).collect());
    add("empty", after(0), vec![]);
    add("one", after(1), vec![231.0]);
    add("one missing", after(1), vec![f64::NAN]);
    add("all missing", after(100), vec![f64::NAN; 100]);
    add("constant", after(200), vec![12.5; 200]);
    add("zero", after(200), vec![0.0; 200]);
    add("constant, then another", after(200), [vec![0.1; 100], vec![0.3; 100]].concat());
    add("huge", after(200), (0..200).map(|i| if i % 2 == 0 { 1e300 } else { -1e300 }).collect());
    let mut once = healthy;
    once[100] = 1e300;
    once[200] = -1e300;
    add("huge once", after(300), once);
    add("tiny", after(200), (0..200).map(|i| f64::from(i % 7) * 1e-300).collect());
    for seed in 10..20 {
        let mut random = Random::new(seed);
        let n = 1 + (random.unit() * 200.0) as usize;
        let values = (0..n).map(|_| match random.unit() {
            x if x < 0.1 => f64::NAN,
            x if x < 0.3 => (random.noise() * 2.0).round(),
            x if x < 0.32 => random.noise() * 1e12,
            _ => 230.0 + random.noise(),
        });
        let values = values.collect();
        add(&format!("random {seed}"), after(n), values);
    }
    all
}
