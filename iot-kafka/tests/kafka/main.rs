//! Kafka as a log: the laws, on the broker inside of librdkafka and on a real one, and what is promised beyond them.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod brokers;
mod dead_letters;
mod laws;
mod many;
mod members;
mod patience;
mod producing;
mod readings;
mod seed;
mod topic;
