//! Reading ahead.

use futures_util::{StreamExt as _, stream};
use iot_core::{Error, FrameStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// The same frames: the next one is read while the one before is worked on. Dropping them ends the reading.
pub(crate) fn ahead(mut frames: FrameStream) -> FrameStream {
    let (sender, receiver) = mpsc::channel(1);
    // Dropping it ends what is in it.
    let mut reading = JoinSet::new();
    reading.spawn(async move {
        while let Some(frame) = frames.next().await {
            if sender.send(frame).await.is_err() {
                return;
            }
        }
    });
    let next = async |(mut receiver, mut reading): (mpsc::Receiver<_>, JoinSet<()>)| {
        let frame = match receiver.recv().await {
            Some(frame) => frame,
            // Frames that ended by a panic are not all there are.
            None => match reading.join_next().await {
                Some(Err(failed)) => Err(Error::internal("reading ahead failed").with_source(failed)),
                _ => return None,
            },
        };
        Some((frame, (receiver, reading)))
    };
    Box::pin(stream::unfold((receiver, reading), next))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use iot_core::{Device, Frame};

    use super::*;

    fn frame(time: i64) -> Frame {
        Frame::new(Device::new("a").unwrap(), vec![time], Vec::new()).unwrap()
    }

    #[tokio::test]
    async fn all_frames_come_in_order_and_errors_too() {
        let all =
            stream::iter((0..5).map(|i| if i == 3 { Err(Error::unavailable("away")) } else { Ok(frame(i)) }));
        let read: Vec<_> = ahead(Box::pin(all)).collect().await;
        let times: Vec<_> =
            read.iter().map(|frame| frame.as_ref().map(|frame| frame.times()[0]).ok()).collect();
        assert_eq!(times, [Some(0), Some(1), Some(2), None, Some(4)]);
    }

    #[tokio::test]
    async fn a_reader_that_panics_is_an_error_and_no_end() {
        let all = stream::iter(0..5).map(|i| if i == 2 { panic!("of the test") } else { Ok(frame(i)) });
        let read: Vec<_> = ahead(Box::pin(all)).collect().await;
        assert!(read.len() == 3 && read[2].is_err());
    }
}
