//! An origin of so many workers, which can become fewer, more, or silent.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// Works on as many requests at once as it has workers; the others wait, in no order.
pub(super) struct Workers {
    pub(super) address: SocketAddr,
    state: Arc<State>,
}

struct State {
    cost: Duration,
    shift: Mutex<Shift>,
    changed: Condvar,
}

/// Who is at work.
struct Shift {
    workers: u32,
    busy: u32,
    /// Requests that are there, worked on or not.
    present: u32,
    done: u32,
}

impl Workers {
    pub(super) fn start(workers: u32, cost: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let shift = Mutex::new(Shift { workers, busy: 0, present: 0, done: 0 });
        let state = Arc::new(State { cost, shift, changed: Condvar::new() });
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = shared.clone();
                thread::spawn(move || serve(stream, &state));
            }
        });
        Self { address, state }
    }

    /// From now on it has so many; with none it takes requests and says nothing.
    pub(super) fn become_of(&self, workers: u32) {
        self.state.shift().workers = workers;
        self.state.changed.notify_all();
    }

    /// Requests that it has done.
    pub(super) fn done(&self) -> u32 {
        self.state.shift().done
    }

    /// Requests that are there now.
    pub(super) fn present(&self) -> u32 {
        self.state.shift().present
    }
}

impl State {
    fn shift(&self) -> MutexGuard<'_, Shift> {
        self.shift.lock().expect("nobody panics with it")
    }

    fn work(&self) {
        let mut shift = self.shift();
        shift.present += 1;
        let is_full = |shift: &mut Shift| shift.busy >= shift.workers;
        let mut shift = self.changed.wait_while(shift, is_full).expect("nobody panics with it");
        shift.busy += 1;
        drop(shift);
        thread::sleep(self.cost);
        let mut shift = self.shift();
        shift.busy -= 1;
        shift.present -= 1;
        shift.done += 1;
        drop(shift);
        self.changed.notify_one();
    }
}

fn serve(mut stream: TcpStream, state: &State) {
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        head.extend_from_slice(&piece[..length]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        head.clear();
        state.work();
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").is_err() {
            return;
        }
    }
}
