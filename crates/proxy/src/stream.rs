//! What else than an answer reaches one HTTP/2 stream: its end from outside, interim answers.
//!
//! Streams are tasks; while one is polled it is the current one, so that whatever it runs can learn
//! which stream it belongs to, on HTTP/1 none, without a parameter through all that lies between.

use http::Response;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

thread_local! {
    static CURRENT: RefCell<Option<Rc<Stream>>> = const { RefCell::new(None) };
}

/// A stream as seen from outside its task, and from what the task runs.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    ended: Cell<bool>,
    interims: RefCell<Vec<Response<()>>>,
    waker: RefCell<Option<Waker>>,
}

impl Stream {
    /// Drops the stream's task, whereupon its client is told that it was cancelled.
    pub(crate) fn end(&self) {
        self.ended.set(true);
        self.waker.take().into_iter().for_each(Waker::wake);
    }

    /// Puts an interim answer behind those that wait; it is sent once the task has been polled.
    pub(crate) fn tell(&self, interim: Response<()>) {
        self.interims.borrow_mut().push(interim);
    }

    /// The interim answers that wait.
    pub(crate) fn take_interims(&self) -> Vec<Response<()>> {
        self.interims.take()
    }
}

/// The stream whose task is being polled; none on HTTP/1.
pub(crate) fn current() -> Option<Rc<Stream>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Has a stream be the current one until this is dropped, also by a panic.
struct Current;

impl Current {
    fn set(stream: Option<Rc<Stream>>) -> Self {
        CURRENT.set(stream);
        Self
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

/// Runs a stream until it is done or ended from outside.
pub(crate) async fn run(future: impl Future) {
    let stream = Rc::new(Stream::default());
    let mut future = pin!(future);
    poll_fn(|cx| {
        if stream.ended.get() {
            return Poll::Ready(());
        }
        let mut waker = stream.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|old| old.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        drop(waker);
        let _current = Current::set(Some(stream.clone()));
        future.as_mut().poll(cx).map(drop)
    })
    .await;
}

/// Runs part of the current stream in a task of its own, as if it were polled within it.
pub(crate) fn go_on<F: Future>(part: F) -> impl Future<Output = F::Output> {
    let stream = current();
    async move {
        let mut part = pin!(part);
        poll_fn(|cx| {
            let _current = Current::set(stream.clone());
            part.as_mut().poll(cx)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "local")]
    async fn a_stream_that_hangs_is_ended_from_outside_and_another_is_not() {
        let (tell, told) = tokio::sync::oneshot::channel();
        let hanging = tokio::task::spawn_local(run(async move {
            assert!(tell.send(current().unwrap()).is_ok());
            std::future::pending::<()>().await;
        }));
        let other = tokio::task::spawn_local(run(tokio::task::yield_now()));
        let stream = told.await.unwrap();
        assert!(current().is_none());
        stream.end();
        hanging.await.unwrap();
        other.await.unwrap();
    }
}
