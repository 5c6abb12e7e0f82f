//! What runs in the namespace `peer`: a maker of frames, and an honest client.

use crate::{Done, told};
use seawall_packet::kernel::{GENERATED_LEN, Kernel, Program, XdpKind};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// 198.18.0.0/15: sources that frames bear.
pub(crate) const FIRST_SOURCE: u32 = 0xc612_0000;
/// How many of them there are.
pub(crate) const SOURCES: u32 = 131_072;
/// Where the listener is.
pub(crate) const TARGET: [u8; 4] = [203, 0, 113, 2];
pub(crate) const PORT: u16 = 8_080;
/// Frames of one burst: fewer cost more to set up than to send.
const BURST: u32 = 20_000;
/// A second's frames of a paced flood: somewhat more than the 200,000 that must come.
const PACE: u128 = 210_000;
/// Frames that it sends in one go: the ring of a virtual interface holds 256, and what comes while it is full
/// is lost.
const FRAMES_OF_A_ROW: u128 = 64;
/// The pause behind a row, in which some thirty more fall due.
const FRAMES_PAUSE: Duration = Duration::from_micros(150);
/// The peer's own address.
pub(crate) const PEER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
/// Datagrams in a row and a pause from one row to the next, so that one comes every few microseconds: what
/// waits for the next packet waits for nothing else.
const ROW: usize = 10;
const ROW_PAUSE: Duration = Duration::from_micros(200);
/// Fewer connects say little about how many are lost; it is not waited for them for longer than this.
const CONNECTS_MIN: u32 = 1_000;
const CONNECTING_MAX: Duration = Duration::from_mins(3);
/// Between two connects of the honest client.
const BETWEEN: Duration = Duration::from_millis(40);

/// Makes frames and sends them to the shield's end.
pub(crate) fn generate(kind: &str, packets: &str) -> Done<()> {
    let packets: u32 = packets.parse().map_err(told)?;
    let mut kernel = Kernel::load().map_err(told)?;
    for program in [Program::Generate, Program::PassAll] {
        kernel.load_program(program).map_err(told)?;
    }
    let ifindex = fs::read_to_string("/sys/class/net/swf1/ifindex").map_err(told)?;
    // What the receiver answers reaches this end only where a program is attached.
    let attached =
        kernel.attach_program(Program::PassAll, "swf1", XdpKind::Native).map_err(told)?;
    let mut frame = match kind {
        "syn" | "paced-syn" => syn(),
        _ => datagram(),
    };
    frame[..6].copy_from_slice(&neighbour()?);
    kernel
        .generate_to((ifindex.trim().parse().map_err(told)?, SOURCES - 1), &frame)
        .map_err(told)?;
    if kind.starts_with("paced") {
        paced(&mut kernel, packets)?;
    } else {
        for _ in 0..packets / BURST {
            kernel.generate(BURST).map_err(told)?;
        }
    }
    attached.detach();
    Ok(())
}

/// Sends frames at [`PACE`], a few at a time, so that the ring of the receiver holds them.
fn paced(kernel: &mut Kernel, packets: u32) -> Done<()> {
    // The kernel enters a program into its list for each run and waits for all processors to see it, unless
    // it stands there already; nothing comes to this interface.
    let held = kernel.attach_program(Program::Generate, "lo", XdpKind::Generic).map_err(told)?;
    let (began, mut sent) = (Instant::now(), 0);
    while sent < u128::from(packets) {
        let due = began.elapsed().as_nanos() * PACE / 1_000_000_000;
        let row = due.saturating_sub(sent).min(FRAMES_OF_A_ROW);
        if row > 0 {
            kernel.generate(u32::try_from(row).map_err(told)?).map_err(told)?;
            sent += row;
        }
        if row < FRAMES_OF_A_ROW {
            thread::sleep(FRAMES_PAUSE);
        }
    }
    held.detach();
    Ok(())
}

/// Sends datagrams of one source without a break, until it is killed.
pub(crate) fn steady() -> Done<()> {
    let socket = UdpSocket::bind((PEER, 0)).map_err(told)?;
    loop {
        for _ in 0..ROW {
            // That nobody takes them is told now and then, and is no fault.
            let _ = socket.send_to(&[7; 30], (Ipv4Addr::from(TARGET), 9));
        }
        thread::sleep(ROW_PAUSE);
    }
}

/// The address of the shield's end, which this namespace was told when it was made.
fn neighbour() -> Done<[u8; 6]> {
    let ran = Command::new("ip").args(["neigh", "show", "203.0.113.2"]).output().map_err(told)?;
    let text = String::from_utf8_lossy(&ran.stdout);
    let mac = text.split_whitespace().skip_while(|word| *word != "lladdr").nth(1).unwrap_or("");
    let bytes = mac.split(':').filter_map(|byte| u8::from_str_radix(byte, 16).ok());
    let found: Result<[u8; 6], _> = bytes.collect::<Vec<u8>>().try_into();
    found.map_err(|_| format!("the peer was not told of our interface: {text}"))
}

fn datagram() -> [u8; GENERATED_LEN] {
    let mut carried = vec![0x9c, 0x40, 0, 9, 0, 30, 0, 0];
    carried.resize(30, 7);
    packet(17, &carried)
}

fn syn() -> [u8; GENERATED_LEN] {
    let mut segment = vec![0x9c, 0x40];
    segment.extend(PORT.to_be_bytes());
    segment.extend([0, 0, 3, 232, 0, 0, 0, 0, 0x60, 2, 0xfa, 0xf0, 0, 0, 0, 0, 2, 4, 5, 0xb4]);
    let length = [0, 6, 0, 24];
    let sum = checksum(&[&FIRST_SOURCE.to_be_bytes(), &TARGET, &length, &segment]).to_be_bytes();
    segment[16..18].copy_from_slice(&sum);
    packet(6, &segment)
}

fn packet(protocol: u8, carried: &[u8]) -> [u8; GENERATED_LEN] {
    let length = u8::try_from(20 + carried.len()).unwrap_or(u8::MAX);
    let mut head = vec![0x45, 0, 0, length, 0x77, 0x77, 0x40, 0, 60, protocol, 0, 0];
    head.extend(FIRST_SOURCE.to_be_bytes());
    head.extend(TARGET);
    let sum = checksum(&[&head]).to_be_bytes();
    head[10..12].copy_from_slice(&sum);
    let mut frame = [0; GENERATED_LEN];
    frame[..12].fill(2);
    frame[12] = 8;
    frame[14..34].copy_from_slice(&head);
    frame[34..34 + carried.len()].copy_from_slice(carried);
    frame
}

/// The sum of the Internet's headers (RFC 1071); parts are of even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let pairs = parts.iter().flat_map(|part| part.chunks_exact(2));
    let mut sum: u32 = pairs.map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}

/// Connects again and again, and each time exchanges a byte on a connection that stays.
///
/// For so many seconds, and longer where a machine that is busy lets it connect too seldom.
/// Prints how many connects were tried, how many of them failed, and how many exchanges did.
pub(crate) fn connect(seconds: &str) -> Done<()> {
    let began = Instant::now();
    let least = Duration::from_secs(seconds.parse().map_err(told)?);
    let target = SocketAddr::from((TARGET, PORT));
    let open = || -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&target, Duration::from_secs(3))?;
        stream.set_read_timeout(Some(Duration::from_secs(3)))?;
        Ok(stream)
    };
    let exchange = |mut stream: &TcpStream| -> std::io::Result<()> {
        stream.write_all(&[7])?;
        stream.read_exact(&mut [0])
    };
    let held = open().map_err(told)?;
    let (mut tried, mut lost, mut broken) = (0_u32, 0_u32, 0_u32);
    while began.elapsed() < least || (tried < CONNECTS_MIN && began.elapsed() < CONNECTING_MAX) {
        tried += 1;
        let served = open().and_then(|stream| exchange(&stream));
        lost += u32::from(served.is_err());
        broken += u32::from(exchange(&held).is_err());
        thread::sleep(BETWEEN);
    }
    println!("{tried} {lost} {broken}");
    Ok(())
}
