//! The laws of [`DeadLetters`]: one test for each line of its contract.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use iot_core::{DeadLetters, Reject, Timestamp};

/// A place of its own to bury letters in, with nothing in it.
#[async_trait]
pub trait Graveyard: Debug + Send + Sync + 'static {
    /// Opens it, as a process does that has just been started.
    async fn open(&self) -> Box<dyn DeadLetters>;

    /// The first `count` letters in it, in the order in which it keeps them.
    async fn letters(&self, count: usize) -> Vec<Reject>;
}

/// Tests dead letters by every law of them, in a module of this name.
///
/// `fresh` is an `async fn() -> Option<impl Graveyard>` beside the call that makes a new, empty place for each law;
/// where it answers `None`, having said why, the laws are skipped.
#[macro_export]
macro_rules! dead_letters_laws {
    ($name:ident, $fresh:ident) => {
        $crate::dead_letters_laws! { @each tests [$name $fresh] }
    };
    // The one list of the laws. A law that is not in it is dead code, which the compiler reports.
    (@each $what:ident $arguments:tt) => {
        $crate::dead_letters_laws! { @$what $arguments
            bytes_and_provenance_come_back_unchanged,
            letters_of_one_key_keep_their_order,
            what_was_buried_outlives_a_restart,
            burying_again_loses_nothing,
            burying_nothing_keeps_nothing
        }
    };
    (@tests [$name:ident $fresh:ident] $($law:ident),+) => {
        mod $name {
            $(
                #[test]
                fn $law() {
                    $crate::dead_letters::laws::$law(super::$fresh);
                }
            )+
        }
    };
    (@define [] $($law:ident),+) => {
        /// The laws, each run on a fresh place.
        #[doc(hidden)]
        pub mod laws {
            use super::{Graveyard, run};

            $(
                pub fn $law<G: Graveyard, F: Future<Output = Option<G>>>(fresh: impl FnOnce() -> F) {
                    run(fresh, super::$law);
                }
            )+
        }
    };
}

dead_letters_laws! { @each define [] }

/// How long a law may take in all.
const DEADLINE: Duration = Duration::from_secs(300);

fn run<G: Graveyard, F: Future<Output = Option<G>>, L: Future<Output = ()>>(
    fresh: impl FnOnce() -> F,
    law: impl FnOnce(Arc<dyn Graveyard>) -> L,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let Some(graveyard) = fresh().await else { return };
        let law = law(Arc::new(graveyard));
        tokio::time::timeout(DEADLINE, law).await.expect("the law was not decided before its deadline");
    });
}

/// A letter of this offset.
fn letter(offset: i64, payload: &[u8]) -> Reject {
    Reject {
        payload: payload.to_vec(),
        key: Some(b"machine-000"[..].into()),
        topic: "machinery-data".into(),
        partition: 3,
        offset,
        time: Some(Timestamp::from_millis(1_738_713_600_123)),
        reason: "voltage \"high\" is not a number".to_owned(),
    }
}

async fn bytes_and_provenance_come_back_unchanged(graveyard: Arc<dyn Graveyard>) {
    let plain = letter(0, b"{\"voltage\": \"high\"}");
    let letters = [
        Reject { payload: b"\xff\x00\n not \"text\"".to_vec(), offset: 1, ..plain.clone() },
        Reject { payload: Vec::new(), offset: 2, ..plain.clone() },
        Reject { payload: "déjà\n\u{1f980}".into(), offset: i64::MAX, ..plain.clone() },
        Reject { key: Some(b"machine-\xff"[..].into()), offset: 3, ..plain.clone() },
        Reject { key: None, time: None, offset: 4, ..plain.clone() },
        Reject { partition: -1, offset: -1, reason: "é \"\n".to_owned(), ..plain.clone() },
        plain,
    ];
    graveyard.open().await.bury(&letters).await.unwrap();
    let found = graveyard.letters(letters.len()).await;
    for letter in &letters {
        // The debug form of a reject says little: its length and reason.
        let twin = found.iter().find(|found| found.offset == letter.offset);
        let twin = twin.unwrap_or_else(|| panic!("{letter:?} is not there"));
        assert_eq!(twin.payload, letter.payload, "{letter:?}");
        assert_eq!(twin.key, letter.key, "{letter:?}");
        assert_eq!(twin, letter);
    }
    assert_eq!(found.len(), letters.len());
}

async fn letters_of_one_key_keep_their_order(graveyard: Arc<dyn Graveyard>) {
    let dead_letters = graveyard.open().await;
    for from in (0..60).step_by(20) {
        let some: Vec<_> = (from..from + 20).map(|offset| letter(offset, b"bad")).collect();
        dead_letters.bury(&some).await.unwrap();
    }
    let offsets: Vec<_> = graveyard.letters(60).await.iter().map(|letter| letter.offset).collect();
    assert_eq!(offsets, (0..60).collect::<Vec<_>>());
}

async fn what_was_buried_outlives_a_restart(graveyard: Arc<dyn Graveyard>) {
    for offset in 0..3 {
        graveyard.open().await.bury(&[letter(offset, b"bad")]).await.unwrap();
    }
    let offsets: Vec<_> = graveyard.letters(3).await.iter().map(|letter| letter.offset).collect();
    assert_eq!(offsets, [0, 1, 2]);
}

async fn burying_again_loses_nothing(graveyard: Arc<dyn Graveyard>) {
    let dead_letters = graveyard.open().await;
    dead_letters.bury(&[letter(0, b"bad")]).await.unwrap();
    dead_letters.bury(&[letter(0, b"bad")]).await.unwrap();
    dead_letters.bury(&[letter(1, b"bad")]).await.unwrap();
    // It may be kept once or twice.
    let found = graveyard.letters(2).await;
    assert!(found.iter().any(|letter| letter.offset == 0), "{found:?}");
    let found =
        if found.iter().all(|letter| letter.offset == 0) { graveyard.letters(3).await } else { found };
    assert!(found.iter().any(|letter| letter.offset == 1), "{found:?}");
}

async fn burying_nothing_keeps_nothing(graveyard: Arc<dyn Graveyard>) {
    let dead_letters = graveyard.open().await;
    dead_letters.bury(&[]).await.unwrap();
    dead_letters.bury(&[letter(7, b"bad")]).await.unwrap();
    assert_eq!(graveyard.letters(1).await[0].offset, 7);
}
