//! Frames made by hand.

/// The sum of the Internet's headers (RFC 1071).
pub(crate) fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u32;
    for part in parts {
        for pair in part.chunks(2) {
            sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        }
    }
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

/// An IPv4 packet, before it is put into a frame.
#[derive(Debug, Clone)]
pub(crate) struct Four {
    pub(crate) source: [u8; 4],
    pub(crate) target: [u8; 4],
    pub(crate) ttl: u8,
    pub(crate) piece: u16,
    pub(crate) protocol: u8,
    pub(crate) carried: Vec<u8>,
}

pub(crate) const SOURCE: [u8; 4] = [198, 18, 0, 1];
pub(crate) const TARGET: [u8; 4] = [203, 0, 113, 2];

impl Four {
    pub(crate) fn new(protocol: u8, carried: Vec<u8>) -> Self {
        Self { source: SOURCE, target: TARGET, ttl: 64, piece: 0x4000, protocol, carried }
    }

    pub(crate) fn from(mut self, source: [u8; 4]) -> Self {
        self.source = source;
        self
    }

    pub(crate) fn ttl(mut self, ttl: u8) -> Self {
        self.ttl = ttl;
        self
    }

    pub(crate) fn piece(mut self, piece: u16) -> Self {
        self.piece = piece;
        self
    }

    pub(crate) fn packet(&self) -> Vec<u8> {
        let length = u16::try_from(20 + self.carried.len()).unwrap();
        let mut head = vec![0x45, 0];
        head.extend(length.to_be_bytes());
        head.extend([0x12, 0x34]);
        head.extend(self.piece.to_be_bytes());
        head.extend([self.ttl, self.protocol, 0, 0]);
        head.extend(self.source);
        head.extend(self.target);
        let sum = checksum(&[&head]).to_be_bytes();
        head[10..12].copy_from_slice(&sum);
        head.extend(&self.carried);
        head
    }

    pub(crate) fn frame(&self) -> Vec<u8> {
        ethernet(&[], 0x0800, &self.packet())
    }

    pub(crate) fn tagged(&self, tags: &[u16]) -> Vec<u8> {
        ethernet(tags, 0x0800, &self.packet())
    }
}

/// A frame with these tags, each named by its kind.
pub(crate) fn ethernet(tags: &[u16], kind: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    for tag in tags {
        frame.extend(tag.to_be_bytes());
        frame.extend([0, 5]);
    }
    frame.extend(kind.to_be_bytes());
    frame.extend(packet);
    frame
}

pub(crate) fn udp(source: u16, target: u16, data: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::new();
    datagram.extend(source.to_be_bytes());
    datagram.extend(target.to_be_bytes());
    datagram.extend(u16::try_from(8 + data.len()).unwrap().to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(data);
    datagram
}

/// A segment whose sum is left out.
pub(crate) fn tcp(source: u16, target: u16, flags: u8) -> Vec<u8> {
    segment((source, target), (1_000, 0), flags, &[])
}

pub(crate) fn segment(
    ports: (u16, u16),
    (seq, ack): (u32, u32),
    flags: u8,
    options: &[u8],
) -> Vec<u8> {
    let mut segment = Vec::new();
    segment.extend(ports.0.to_be_bytes());
    segment.extend(ports.1.to_be_bytes());
    segment.extend(seq.to_be_bytes());
    segment.extend(ack.to_be_bytes());
    segment.push(u8::try_from((20 + options.len()) / 4).unwrap() << 4);
    segment.push(flags);
    segment.extend(64_240_u16.to_be_bytes());
    segment.extend([0; 4]);
    segment.extend(options);
    segment
}

/// The same with its sum, between two addresses.
pub(crate) fn summed(mut segment: Vec<u8>, source: &[u8], target: &[u8]) -> Vec<u8> {
    let length = u32::try_from(segment.len()).unwrap().to_be_bytes();
    let sum = checksum(&[source, target, &[0, 0, 0, 6], &length, &segment]).to_be_bytes();
    segment[16..18].copy_from_slice(&sum);
    segment
}

pub(crate) fn icmp(kind: u8, code: u8) -> Vec<u8> {
    let mut message = vec![kind, code, 0, 0];
    message.extend([0; 60]);
    message
}

pub(crate) const SOURCE6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
pub(crate) const TARGET6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

pub(crate) fn six(source: [u8; 16], target: [u8; 16], next: u8, carried: &[u8]) -> Vec<u8> {
    six_ttl((source, target), next, 64, carried)
}

pub(crate) fn six_ttl(ends: ([u8; 16], [u8; 16]), next: u8, ttl: u8, carried: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(u16::try_from(carried.len()).unwrap().to_be_bytes());
    packet.extend([next, ttl]);
    packet.extend(ends.0);
    packet.extend(ends.1);
    packet.extend(carried);
    ethernet(&[], 0x86dd, &packet)
}
