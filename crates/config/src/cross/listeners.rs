//! Listeners against each other, the control plane and the certificates.

use super::{Seen, fault};
use crate::faults::Fault;
use crate::sections::{Section, Sections};
use std::net::SocketAddr;

/// Listeners of one shield: each core binds each of them.
const LISTENERS_MAX: usize = 64;

pub(super) fn check(sections: &Sections, faults: &mut Vec<Fault>) {
    let control: SocketAddr = sections.one("control").read("listen");
    let mut seen = Seen::new();
    for listener in sections.all("listener") {
        if let Some(address) = listener.find::<SocketAddr>("address") {
            let line = listener.line_of("address");
            faults.extend(
                taken_twice(&mut seen, address, line)
                    .or_else(|| taken_by_control(control, address, line)),
            );
        }
        faults.extend(without_certificate(sections, listener));
        faults.extend(redirected_to_itself(listener));
    }
    if let Some(beyond) = sections.all("listener").nth(LISTENERS_MAX) {
        let says = format!("is one too many; there may be {LISTENERS_MAX}");
        faults.push(fault(beyond.line, "listener", &says));
    }
}

/// Port 0 takes any free port, so two of them are two ports.
fn taken_twice(seen: &mut Seen<SocketAddr>, address: SocketAddr, line: usize) -> Option<Fault> {
    let plain = SocketAddr::new(address.ip().to_canonical(), address.port());
    if address.port() == 0 {
        return None;
    }
    let earlier = seen.before(plain, line)?;
    let says = format!("is \"{address}\", as on line {earlier}; one address is one listener");
    Some(fault(line, "listener.address", &says))
}

fn taken_by_control(control: SocketAddr, address: SocketAddr, line: usize) -> Option<Fault> {
    let overlap = control.is_ipv4() == address.is_ipv4()
        && (control.ip() == address.ip()
            || control.ip().is_unspecified()
            || address.ip().is_unspecified());
    (overlap && control.port() == address.port() && address.port() != 0).then(|| {
        let says = format!(
            "is \"{address}\", which control.listen (\"{control}\") takes; use another port"
        );
        fault(line, "listener.address", &says)
    })
}

fn without_certificate(sections: &Sections, listener: &Section) -> Option<Fault> {
    let certified = sections.all("platform").any(|platform| {
        platform.entry("certificate").is_some() || platform.entry("acme").is_some()
    });
    (listener.find("tls") == Some(true) && !certified).then(|| {
        let says = "is true, but no platform has a certificate; set platform.certificate and \
                    platform.key";
        fault(listener.line_of("tls"), "listener.tls", says)
    })
}

fn redirected_to_itself(listener: &Section) -> Option<Fault> {
    let both = listener.find("tls") == Some(true) && listener.find("redirect_https") == Some(true);
    both.then(|| {
        let says = "is true on a listener with tls, which would redirect to itself; set it on the \
                    plain listener";
        let line = listener.line_of("redirect_https");
        fault(line, "listener.redirect_https", says)
    })
}
