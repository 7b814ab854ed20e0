//! The HTTP face of a store.
