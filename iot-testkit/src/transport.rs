//! The laws of [`Producer`](iot_core::Producer) and [`Consumer`](iot_core::Consumer): one test for each line of their
//! contracts.

mod consuming;
mod content;
mod generate;
mod groups;
mod payloads;
mod producing;
mod subject;
mod trial;

pub use subject::Transport;

/// Tests a log by every law of its producers and consumers, in a module of this name.
///
/// `fresh` is an `async fn() -> Option<impl Transport>` beside the call that makes a new, empty topic for each law;
/// where it answers `None`, having said why, the laws are skipped.
///
/// ```
/// # fn main() {}
/// use async_trait::async_trait;
/// use iot_core::memory::Log;
/// use iot_core::{Consumer, Producer};
/// use iot_testkit::transport::Transport;
///
/// #[derive(Debug)]
/// struct Memory(Log);
///
/// #[async_trait]
/// impl Transport for Memory {
///     async fn producer(&self) -> Box<dyn Producer> {
///         Box::new(self.0.producer())
///     }
///
///     async fn consumer(&self, group: &str) -> Box<dyn Consumer> {
///         Box::new(self.0.consumer(group))
///     }
/// }
///
/// async fn fresh() -> Option<Memory> {
///     Some(Memory(Log::default()))
/// }
///
/// iot_testkit::transport_laws!(memory, fresh);
/// ```
#[macro_export]
macro_rules! transport_laws {
    ($name:ident, $fresh:ident) => {
        $crate::transport_laws! { @each tests [$name $fresh] }
    };
    // The one list of the laws. A law that is not in it is dead code, which the compiler reports.
    (@each $what:ident $arguments:tt) => {
        $crate::transport_laws! { @$what $arguments
            producing:
                what_was_sent_can_be_consumed,
                an_empty_batch_sends_nothing,
                readings_of_one_device_come_out_in_the_order_they_went_in,
                producers_beside_each_other_lose_nothing,
                a_full_log_delays_and_drops_nothing;
            content:
                values_and_times_come_out_to_the_last_bit,
                a_missing_value_stays_missing,
                ids_kinds_and_locations_keep_any_unicode;
            consuming:
                a_partition_comes_in_the_order_of_the_log,
                every_row_names_its_message,
                a_position_is_past_all_that_was_delivered,
                next_waits_until_there_is_something,
                dropping_next_loses_no_delivery,
                lag_falls_to_zero_when_all_has_been_delivered,
                lag_after_a_restart_counts_nothing_that_was_committed;
            payloads:
                a_payload_that_is_not_readings_is_a_reject_with_its_bytes_and_provenance,
                a_message_of_very_many_bad_readings_is_few_rejects_with_all_their_bytes,
                a_poison_message_stops_nothing;
            groups:
                each_group_gets_every_reading,
                what_was_not_committed_comes_again,
                what_was_committed_does_not_come_again,
                a_restart_goes_on_where_the_group_was,
                committing_an_older_position_changes_nothing,
                two_members_share_the_work,
                nothing_is_lost_when_a_member_leaves;
        }
    };
    (@tests [$name:ident $fresh:ident] $($module:ident: $($law:ident),+;)+) => {
        mod $name {
            $($(
                #[test]
                fn $law() {
                    $crate::transport::laws::$law(super::$fresh);
                }
            )+)+
        }
    };
    (@define [] $($module:ident: $($law:ident),+;)+) => {
        /// The laws, each run on a fresh topic.
        #[doc(hidden)]
        pub mod laws {
            use super::{Transport, trial};

            $($(
                pub fn $law<T: Transport, F: Future<Output = Option<T>>>(fresh: impl FnOnce() -> F) {
                    trial::run(fresh, super::$module::$law);
                }
            )+)+
        }
    };
}

transport_laws! { @each define [] }
