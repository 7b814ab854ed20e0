//! The laws of the ports of the iot SDK, one named test each.
