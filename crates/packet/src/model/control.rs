//! Packets that nothing drops: without them an address is unreachable or lost, or a connection hangs.

use seawall_types::PacketFields;
use seawall_types::packet::{ICMP, ICMP6, Piece, UDP};
use std::net::IpAddr;

const IGMP: u8 = 2;
/// A datagram's header, the fixed part of DHCP, and the four bytes that name it.
const DHCP_LEN: usize = 8 + 236 + 4;
/// Ports of DHCP: of a server, of a client.
const DHCP: (u16, u16) = (67, 68);
/// Ports of DHCP for IPv6: of a client, of a server or relay.
const DHCP6: [u16; 2] = [546, 547];

/// Whether a packet is one of them.
pub(super) fn is_control(fields: &PacketFields) -> bool {
    if fields.piece != Piece::Whole {
        return false;
    }
    if fields.protocol == UDP {
        return is_dhcp(fields);
    }
    let (kind, code) = (fields.source_port, fields.target_port);
    match fields.target {
        // Who asks for groups may have no address yet, and is on this link (RFC 3376 §4.2.13).
        IpAddr::V4(target) if fields.protocol == IGMP => target.is_multicast(),
        IpAddr::V4(_) => fields.protocol == ICMP && kind == 3 && code == 4,
        IpAddr::V6(_) => {
            let discovers = (133..=137).contains(&kind) && fields.ttl == 255;
            fields.protocol == ICMP6 && (kind == 2 || discovers)
        }
    }
}

/// What this machine's own address depends on.
///
/// An answer may come from any address, so that only its shape tells it: its ports, its direction, and
/// not shorter than its fixed part (RFC 2131 §2).
/// That of IPv6 bears an address of this link, which no router passes on (RFC 4291 §2.5.6).
fn is_dhcp(fields: &PacketFields) -> bool {
    if fields.source.is_ipv6() {
        let is_of_link = [fields.source, fields.target].into_iter().any(is_of_link);
        return DHCP6.contains(&fields.target_port) && is_of_link;
    }
    let (server, client) = DHCP;
    let carried = usize::from(fields.length).saturating_sub(usize::from(fields.ihl) * 4);
    let way = (fields.source_port, fields.target_port, fields.begin[0]);
    carried >= DHCP_LEN && (way == (client, server, 1) || way == (server, client, 2))
}

fn is_of_link(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}
