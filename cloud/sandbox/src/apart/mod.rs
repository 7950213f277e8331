//! Programs apart on Linux.
//!
//! ```text
//! the cloud ── launcher ── init ── the program ── what it starts
//!                     └─── init ── …
//! ```
//!
//! The launcher is a process of its own, this very program started anew: it is small, so that a fork of it is quick and
//! holds no memory of the cloud's. For each program it forks an init, which builds the [`walls`] around itself, starts the
//! program within them, and stays to end everything when the program ends, or the cloud does: the connection to the cloud
//! then breaks. Where the kernel lets us, the init is the first process of a PID namespace, and the kernel itself ends all
//! the rest with it. Elsewhere what loses its parent becomes a child of the init, which looks for it.
//!
//! - [`launcher`]: the cloud's end of the launcher ([`process`]). [`child`]: of one program.
//! - [`channel`]: how they speak with each other, [`message`]: what they say.
//! - [`host`]: the launcher process. [`init`]: the init. [`walls`]: what is around it.
//! - [`processes`]: what processes there are, and what they use. [`peer`]: whose a connection is.
//! - [`system`]: the system calls that need `unsafe`.

mod channel;
pub(crate) mod child;
mod host;
mod init;
pub(crate) mod launcher;
mod message;
mod peer;
mod process;
mod processes;
#[allow(unsafe_code)]
mod system;
mod walls;
