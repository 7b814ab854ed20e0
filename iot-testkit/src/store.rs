//! The laws of [`Store`](iot_core::Store): one test for each line of its contract.

mod appending;
mod buckets;
mod content;
mod deleting;
mod devices;
mod generate;
mod model;
mod newest;
mod patient;
mod quantities;
mod scanning;
mod subject;
mod trial;

pub use subject::Subject;

/// Tests a store by every law of [`Store`](iot_core::Store)'s contract, in a module of this name.
///
/// `fresh` is an `async fn() -> Option<Subject>` beside the call that makes a new, empty store for each law; where it
/// answers `None`, having said why, the laws are skipped.
///
/// ```
/// # fn main() {}
/// use iot_core::memory::MemoryStore;
/// use iot_testkit::store::Subject;
///
/// async fn fresh() -> Option<Subject> {
///     Some(Subject::new(MemoryStore::new()))
/// }
///
/// iot_testkit::store_laws!(memory, fresh);
/// ```
#[macro_export]
macro_rules! store_laws {
    ($name:ident, $fresh:ident) => {
        $crate::store_laws! { @each tests [$name $fresh] }
    };
    // The one list of the laws. A law that is not in it is dead code, which the compiler reports.
    (@each $what:ident $arguments:tt) => {
        $crate::store_laws! { @$what $arguments
            appending:
                an_empty_batch_changes_nothing,
                a_big_batch_is_kept_whole,
                appending_twice_is_appending_once,
                the_whole_of_the_last_appended_reading_counts,
                inside_a_batch_the_later_row_counts,
                appends_in_any_order_are_read_in_order,
                appends_beside_each_other_are_all_kept,
                any_sequence_of_appends_reads_as_its_last_ones,
                what_was_acknowledged_is_there_after_opening_again;
            content:
                values_come_back_to_the_last_bit,
                times_come_back_to_the_nanosecond,
                a_time_that_the_store_cannot_hold_is_refused_by_name,
                a_missing_value_stays_missing,
                any_unicode_comes_back_unchanged,
                ids_that_look_alike_are_different_devices,
                no_text_is_taken_for_a_command;
            quantities:
                a_quantity_appended_for_the_first_time_is_a_new_column,
                any_name_and_unit_of_a_quantity_is_kept,
                a_second_unit_is_refused_and_leaves_no_trace,
                a_stated_unit_wins_over_an_unstated_one;
            scanning:
                a_scan_is_ascending_in_frames_of_bounded_length,
                each_frame_is_of_one_kind_and_location,
                an_unknown_device_has_no_frames,
                a_range_has_its_start_and_not_its_end,
                paging_a_scan_visits_each_reading_once,
                a_scan_of_some_quantities_leaves_out_readings_without_them,
                dropping_a_scan_ends_its_work;
            newest:
                the_newest_come_newest_first_and_by_id_where_times_are_equal,
                paging_the_newest_visits_each_reading_once,
                a_device_far_ahead_of_the_others_is_newest;
            buckets:
                buckets_equal_the_aggregates_of_a_scan,
                buckets_may_span_all_of_time,
                an_unknown_device_has_empty_buckets;
            devices:
                devices_are_sorted_by_id_and_counted_as_scanned,
                a_reading_written_over_is_counted_once,
                first_and_last_seen_are_by_event_time,
                a_device_is_of_the_kind_and_location_of_its_latest_reading,
                a_device_has_the_quantities_it_has_values_of,
                a_device_by_its_id_is_as_among_all,
                a_store_that_answers_says_so;
            deleting:
                deleting_removes_readings_before_its_time_and_no_other,
                deleting_everything_leaves_a_store_that_works;
        }
    };
    (@tests [$name:ident $fresh:ident] $($module:ident: $($law:ident),+;)+) => {
        mod $name {
            $($(
                #[test]
                fn $law() {
                    $crate::store::laws::$law(super::$fresh);
                }
            )+)+
        }
    };
    (@define [] $($module:ident: $($law:ident),+;)+) => {
        /// The laws, each run on a fresh store.
        #[doc(hidden)]
        pub mod laws {
            use super::{Subject, trial};

            $($(
                pub fn $law<F: Future<Output = Option<Subject>>>(fresh: impl FnOnce() -> F) {
                    trial::run(fresh, super::$module::$law);
                }
            )+)+
        }
    };
}

store_laws! { @each define [] }
