//! Sockets that clients reach: one for each core and address, in one `SO_REUSEPORT` group.

use crate::kernel::defer_accept;
use rustix::net::sockopt::set_tcp_nodelay;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use thiserror::Error;

/// Connections that may wait for accept; the system's own maximum applies as well.
const BACKLOG: i32 = 16_384;
/// A connection is handed over with its first bytes, or after this long without any.
const DEFER_ACCEPT_SECS: i32 = 1;

/// An address that cannot be listened on.
#[derive(Debug, Error)]
#[error("cannot listen on {address}")]
pub struct ListenFault {
    /// Which address.
    pub address: SocketAddr,
    /// Why.
    pub source: io::Error,
}

/// Bound sockets, by listener index.
#[derive(Debug, Default)]
pub struct Listeners {
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    address: SocketAddr,
    sockets: Vec<OwnedFd>,
}

impl Listeners {
    /// Binds every address, with one socket for each of `workers` cores.
    ///
    /// An address that any other process holds is a fault, also when that process would share it.
    ///
    /// # Errors
    /// Every address that could not be bound.
    pub fn bind(addresses: &[SocketAddr], workers: usize) -> Result<Self, Vec<ListenFault>> {
        let mut groups = Vec::new();
        let mut faults = Vec::new();
        for &address in addresses {
            match bind_group(address, workers) {
                Ok(group) => groups.push(group),
                Err(source) => faults.push(ListenFault { address, source }),
            }
        }
        if faults.is_empty() { Ok(Self { groups }) } else { Err(faults) }
    }

    /// Takes over sockets that another process listens on, adding what `workers` cores lack.
    ///
    /// Addresses that nobody handed over are bound anew.
    ///
    /// # Errors
    /// Every address that could not be bound.
    pub fn adopt(
        handed_over: Vec<OwnedFd>,
        addresses: &[SocketAddr],
        workers: usize,
    ) -> Result<Self, Vec<ListenFault>> {
        let mut groups: Vec<Group> =
            addresses.iter().map(|&address| Group { address, sockets: Vec::new() }).collect();
        for socket in handed_over.into_iter().map(Socket::from) {
            let address = socket.local_addr().ok().and_then(|address| address.as_socket());
            if let Some(group) = groups.iter_mut().find(|group| Some(group.address) == address) {
                group.sockets.push(socket.into());
            }
        }
        let mut faults = Vec::new();
        for group in &mut groups {
            if let Err(source) = group.complete(workers) {
                faults.push(ListenFault { address: group.address, source });
            }
        }
        if faults.is_empty() { Ok(Self { groups }) } else { Err(faults) }
    }

    /// The addresses as bound, by listener index: a port of 0 has become a real one.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.groups.iter().map(|group| group.address).collect()
    }

    /// Every socket, to hand over to a successor.
    pub fn sockets(&self) -> Vec<BorrowedFd<'_>> {
        self.groups.iter().flat_map(|group| group.sockets.iter().map(AsFd::as_fd)).collect()
    }

    /// Sockets of one core, with their listener index; no queue is left without an acceptor.
    pub(crate) fn of_core(&self, core: usize, cores: usize) -> io::Result<Vec<(usize, OwnedFd)>> {
        let mut mine = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            for socket in group.sockets.iter().skip(core).step_by(cores) {
                mine.push((index, socket.try_clone()?));
            }
        }
        Ok(mine)
    }
}

impl Group {
    /// Binds what was not handed over.
    fn complete(&mut self, workers: usize) -> io::Result<()> {
        if self.sockets.is_empty() {
            *self = bind_group(self.address, workers)?;
        }
        while self.sockets.len() < workers {
            self.sockets.push(listening(self.address)?);
        }
        Ok(())
    }
}

fn bind_group(address: SocketAddr, workers: usize) -> io::Result<Group> {
    // Without SO_REUSEPORT the bind fails when anyone else listens there.
    let alone = bound(address, Sharing::Alone)?;
    let address = alone.local_addr()?.as_socket().unwrap_or(address);
    drop(alone);
    let sockets = (0..workers).map(|_| listening(address)).collect::<io::Result<_>>()?;
    Ok(Group { address, sockets })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Alone,
    Group,
}

fn bound(address: SocketAddr, sharing: Sharing) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(sharing == Sharing::Group)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

fn listening(address: SocketAddr) -> io::Result<OwnedFd> {
    let socket = bound(address, Sharing::Group)?;
    socket.set_nonblocking(true)?;
    // Accepted sockets inherit these options: system calls that no connection needs.
    set_tcp_nodelay(&socket, true)?;
    socket.set_keepalive(true)?;
    defer_accept(&socket, DEFER_ACCEPT_SECS)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
