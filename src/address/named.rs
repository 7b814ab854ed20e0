//! The logs and stores of this process, by name.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use iot_core::memory::{Log, MemoryStore};

type Named<T> = LazyLock<Mutex<HashMap<String, T>>>;

static LOGS: Named<Log> = LazyLock::new(Mutex::default);
static STORES: Named<MemoryStore> = LazyLock::new(Mutex::default);

/// The log of this name; it comes into being with its first use.
pub(super) fn log(name: &str) -> Log {
    get(&LOGS, name)
}

/// The store of this name; it comes into being with its first use.
pub(super) fn store(name: &str) -> Arc<MemoryStore> {
    Arc::new(get(&STORES, name))
}

fn get<T: Clone + Default>(things: &Named<T>, name: &str) -> T {
    things.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default().clone()
}
