//! Messages between the cloud, the launcher and the inits: whole ones, with files, and with the sender's process id as the
//! kernel tells it, in the receiver's numbers.

use rustix::io::retry_on_intr;
use rustix::net::sockopt::set_socket_passcred;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use rustix::process::Pid;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// The longest message. A function's variables have 4 KB.
pub(super) const LONGEST: usize = 96 * 1024;
/// The longest message of an init or the launcher.
pub(super) const REPORT: usize = 4096;
/// Files of a message.
const FILES: usize = 2;

/// A message that was received. Of no bytes, it is the end: nobody is there who could send another.
pub(super) struct Received {
    pub(super) bytes: Vec<u8>,
    pub(super) files: Vec<OwnedFd>,
    pub(super) sender: Option<Pid>,
}

/// Two ends; the first is told who sends.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    set_socket_passcred(&ours, true)?;
    Ok((ours, theirs))
}

pub(super) fn send(socket: impl AsFd, message: &[u8], files: &[BorrowedFd<'_>]) -> io::Result<()> {
    if message.len() > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "its arguments and variables are too long"));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(files));
    }
    let socket = socket.as_fd();
    retry_on_intr(|| sendmsg(socket, &[IoSlice::new(message)], &mut control, SendFlags::NOSIGNAL))?;
    Ok(())
}

/// The next message, up to so many bytes of it.
pub(super) fn receive(socket: impl AsFd, longest: usize) -> io::Result<Received> {
    let mut bytes = vec![0; longest];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES), ScmCredentials(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let socket = socket.as_fd();
    let flags = RecvFlags::CMSG_CLOEXEC;
    let message = retry_on_intr(|| recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut control, flags))?;
    bytes.truncate(message.bytes);
    let mut received = Received { bytes, files: Vec::new(), sender: None };
    for message in control.drain() {
        match message {
            RecvAncillaryMessage::ScmRights(files) => received.files.extend(files),
            RecvAncillaryMessage::ScmCredentials(sender) => received.sender = Some(sender.pid),
            _ => {}
        }
    }
    Ok(received)
}
