//! iot
