//! Reads who is guarded, on a thread of its own: names are looked up, and tables may be long.
//!
//! Never holds up whoever asks for longer than he says.
//! Bounds: one reading at a time; one more is remembered while it goes on.

use seawall_config::Config;
use seawall_packet::guard::{Guard, Machine};
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// Whom a configuration has guarded besides those that the machine names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Hosts and ports of the origins.
    origins: Vec<(String, u16)>,
    control: IpAddr,
}

impl Named {
    pub(super) fn of(config: &Config) -> Self {
        let urls = config.platforms.iter().flat_map(|platform| &platform.origins);
        Self {
            origins: urls.map(|url| (url.host.as_str().to_owned(), url.port)).collect(),
            control: config.control.listen.ip(),
        }
    }

    /// Everybody who is guarded now, as far as names are found.
    fn read(&self, machine: &Machine) -> Guard {
        let mut guard = self.read_addresses(machine);
        for (host, port) in &self.origins {
            let found = (host.as_str(), *port).to_socket_addrs().into_iter().flatten();
            guard.add_all("an origin", found.map(|address| address.ip()));
        }
        guard
    }

    /// The same without names, which takes no longer than reading files.
    fn read_addresses(&self, machine: &Machine) -> Guard {
        let mut guard = Guard::default();
        guard.add_all("the control plane", [self.control]);
        // An address of IPv6 stands in brackets in a URL.
        let literal = |host: &str| host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        guard.add_all("an origin", self.origins.iter().filter_map(|(host, _)| literal(host)));
        guard.join(Guard::of_this_machine(machine));
        guard
    }
}

/// Reads the list now and then.
pub(super) struct Guards {
    named: Named,
    machine: Machine,
    reading: Option<Receiver<Guard>>,
    /// What is being read was asked for with other names.
    is_stale: bool,
}

impl Guards {
    pub(super) fn new(named: Named, machine: Machine) -> Self {
        Self { named, machine, reading: None, is_stale: false }
    }

    /// Who is guarded now: with names, where they are found within this time, and whether they were.
    ///
    /// Where they were not they are taken up as soon as they are.
    pub(super) fn first(&mut self, within: Duration) -> (Guard, bool) {
        self.begin();
        match self.take(within) {
            Some(guard) => (guard, true),
            None => (self.named.read_addresses(&self.machine), false),
        }
    }

    /// Others are named from now on, and the list is read anew.
    pub(super) fn name(&mut self, named: Named) {
        self.is_stale = self.reading.is_some();
        self.named = named;
        self.begin();
    }

    /// Begins to read the list anew, unless that goes on already.
    pub(super) fn begin(&mut self) {
        if self.reading.is_some() {
            return;
        }
        let (named, machine) = (self.named.clone(), self.machine.clone());
        let (sender, receiver) = sync_channel(1);
        let read = move || drop(sender.send(named.read(&machine)));
        // Without a thread the list stays as it is, and is asked for again.
        if thread::Builder::new().name("guard".to_owned()).spawn(read).is_ok() {
            self.reading = Some(receiver);
        }
    }

    /// The list that was read, if there is one within this time.
    pub(super) fn take(&mut self, within: Duration) -> Option<Guard> {
        let taken = self.reading.as_ref()?.recv_timeout(within);
        if matches!(taken, Err(RecvTimeoutError::Timeout)) {
            return None;
        }
        self.reading = None;
        if std::mem::take(&mut self.is_stale) {
            self.begin();
        }
        taken.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_guarded_before_any_name_is_found() {
        let origins = ["192.0.2.7", "[2001:db8::7]", "origin.invalid"];
        let named = Named {
            origins: origins.map(|host| (host.to_owned(), 80)).to_vec(),
            control: "198.51.100.3".parse().unwrap(),
        };
        let guard = named.read_addresses(&Machine::default());
        let guarded: Vec<_> = guard.addresses().map(|(address, _)| address.to_string()).collect();
        for address in ["192.0.2.7", "2001:db8::7", "198.51.100.3"] {
            assert!(guarded.iter().any(|one| one == address), "{address}: {guarded:?}");
        }
    }
}
