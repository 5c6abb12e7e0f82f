//! UDP services that answer more than they are asked, by port: the ones known for reflection.
//!
//! Sources: US-CERT alert TA14-017A and the services named since, each by its registered or
//! default port.

const SERVICES: [(u16, &str); 21] = [
    (17, "qotd"),
    (19, "chargen"),
    (53, "dns"),
    (111, "portmap"),
    (123, "ntp"),
    (137, "netbios"),
    (161, "snmp"),
    (389, "cldap"),
    (427, "slp"),
    (520, "rip"),
    (1194, "openvpn"),
    (1434, "mssql"),
    (1900, "ssdp"),
    (3283, "arms"),
    (3478, "stun"),
    (3702, "ws-discovery"),
    (5683, "coap"),
    (10074, "tp240"),
    (11211, "memcached"),
    (32414, "plex"),
    (33848, "jenkins"),
];

/// The service that answers from `port`.
pub(super) fn name(port: u16) -> Option<&'static str> {
    let at = SERVICES.binary_search_by_key(&port, |(known, _)| *known);
    at.ok().map(|at| SERVICES[at].1)
}
