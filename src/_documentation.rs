//! Pages that are longer than a sentence: the architecture, and each example as it stands.

#[doc = include_str!("../ARCHITECTURE.md")]
pub mod architecture {}

macro_rules! examples {
    ($($name:ident: $what:literal,)+) => {$(
        #[doc = $what]
        ///
        /// It is `cargo run --example` of this name in a checkout, which is tested there.
        ///
        /// ```text
        #[doc = include_str!(concat!("../examples/", stringify!($name), ".rs"))]
        /// ```
        pub mod $name {}
    )+};
}

examples! {
    chain: "The whole chain in one `main`.",
    statistics: "Reading a device, in constant memory, and its statistics with units.",
    own_device: "Sending readings from one's own device code.",
    own_store: "Forwarding from a log into one's own store, held to the same laws as ours.",
}
