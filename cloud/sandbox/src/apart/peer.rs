//! Whose a TCP connection of this machine is.

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with};
use rustix::process::Pid;
use std::ffi::OsString;
use std::io;
use std::net::SocketAddrV4;

/// `SOCK_DIAG_BY_FAMILY`, `NLM_F_REQUEST`, `NLMSG_ERROR`: sock_diag(7), netlink(7).
const BY_FAMILY: u16 = 20;
const REQUEST: u16 = 1;
const ERROR: u16 = 2;
/// A netlink message's head, and where `inet_diag_msg` has the inode.
const HEAD: usize = 16;
const INODE: usize = HEAD + 68;

/// The number of the socket whose address is `from`, connected with `to`: that of its inode. `None` when no process has it
/// any more.
///
/// # Errors
/// When the kernel does not tell.
pub(super) fn socket(from: SocketAddrV4, to: SocketAddrV4) -> io::Result<Option<u64>> {
    by_netlink(from, to).or_else(|_| by_table(from, to)).map(|inode| inode.filter(|inode| *inode != 0))
}

/// Asks for the one socket, whatever number of them there is.
fn by_netlink(from: SocketAddrV4, to: SocketAddrV4) -> io::Result<Option<u64>> {
    let kernel =
        socket_with(AddressFamily::NETLINK, SocketType::DGRAM, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))?;
    let mut request = Vec::with_capacity(HEAD + 56);
    request.extend(72_u32.to_ne_bytes());
    request.extend(BY_FAMILY.to_ne_bytes());
    request.extend(REQUEST.to_ne_bytes());
    request.extend([0; 8]);
    // inet_diag_req_v2: the family, the protocol, nothing more than the socket itself, in any state.
    request.extend([libc::AF_INET as u8, libc::IPPROTO_TCP as u8, 0, 0]);
    request.extend(u32::MAX.to_ne_bytes());
    request.extend(from.port().to_be_bytes());
    request.extend(to.port().to_be_bytes());
    for address in [from, to] {
        request.extend(address.ip().octets());
        request.extend([0; 12]);
    }
    // On any interface, with any cookie.
    request.extend([0; 4]);
    request.extend([u8::MAX; 8]);
    send(&kernel, &request, SendFlags::empty())?;
    let mut answer = [0_u8; 512];
    let (length, _) = recv(&kernel, &mut answer[..], RecvFlags::empty())?;
    let answer = &answer[..length];
    let number =
        |at: usize| answer.get(at..at + 4).map(|bytes| u32::from_ne_bytes(bytes.try_into().unwrap_or_default()));
    let kind = answer.get(4..6).map(|bytes| u16::from_ne_bytes(bytes.try_into().unwrap_or_default()));
    match kind {
        Some(BY_FAMILY) => Ok(number(INODE).map(u64::from)),
        Some(ERROR) => match number(HEAD).map_or(0, u32::cast_signed) {
            error if -error == libc::ENOENT => Ok(None),
            error => Err(io::Error::from_raw_os_error(-error)),
        },
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Looks through all of them, where the kernel has no means to ask for one.
fn by_table(from: SocketAddrV4, to: SocketAddrV4) -> io::Result<Option<u64>> {
    let address =
        |address: SocketAddrV4| format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port());
    let (from, to) = (address(from), address(to));
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    Ok(table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        (fields.get(1) == Some(&from.as_str()) && fields.get(2) == Some(&to.as_str()))
            .then(|| fields.get(9)?.parse().ok())?
    }))
}

/// Whether a process has the socket open.
pub(super) fn has(process: Pid, socket: u64) -> bool {
    let name = OsString::from(format!("socket:[{socket}]"));
    let Ok(files) = std::fs::read_dir(format!("/proc/{}/fd", process.as_raw_nonzero())) else { return false };
    files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{SocketAddr, TcpListener, TcpStream};

    #[test]
    fn the_owner_of_a_connection_is_found() {
        let v4 = |address: SocketAddr| match address {
            SocketAddr::V4(address) => address,
            SocketAddr::V6(address) => panic!("{address} is no IPv4 address"),
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (here, there) =
            (v4(listener.local_addr().unwrap()), TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let (_accepted, from) = listener.accept().unwrap();
        let from = v4(from);
        for ask in [by_netlink, by_table] {
            let socket = ask(from, here).unwrap().unwrap();
            assert!(has(rustix::process::getpid(), socket));
            assert_eq!(ask(here, from).unwrap().map(|other| other == socket), Some(false));
            assert_eq!(ask(from, from).unwrap(), None);
        }
        drop(there);
        assert_eq!(socket(from, here).unwrap(), None);
    }
}
