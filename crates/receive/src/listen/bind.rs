//! Ports of this machine that only this machine reaches.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

/// Why a receiver could not be switched on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens there.
    #[error("port {port} is taken by another program: end that program, or use another port, such as {free}")]
    Taken {
        /// The port that was asked for.
        port: u16,
        /// One that is free.
        free: u16,
    },
    /// Ports below 1024 need more rights than Catena should have.
    #[error("port {0} needs administrator rights: use one above 1023")]
    Privileged(u16),
    /// It is on already.
    #[error("the {protocol} receiver is on already, on port {port}: switch it off first")]
    On {
        /// Its protocol.
        protocol: &'static str,
        /// Its port.
        port: u16,
    },
    /// The catalog was closed.
    #[error("the catalog was closed: open it again")]
    Closed,
    /// The machine said no.
    #[error("the receiver could not be switched on: {0}")]
    Failed(#[from] io::Error),
    /// An address that other machines could reach, or that is none.
    #[error(
        "\"{0}\" is no address of this machine alone: give a port, or 127.0.0.1:PORT, localhost:PORT or [::1]:PORT"
    )]
    NotLoopback(String),
}

/// The port of an address as people write it: `5000`, `:5000`, `localhost:5000`, `127.0.0.1:5000`, `[::1]:5000`, or
/// one of these as an `http://` address.
pub fn loopback_port(address: &str) -> Result<u16, StartError> {
    let no = || StartError::NotLoopback(address.to_owned());
    let text = address.strip_prefix("http://").unwrap_or(address).trim_end_matches('/');
    let port = match text.rsplit_once(':') {
        None => text,
        Some(("" | "127.0.0.1" | "localhost" | "[::1]", port)) => port,
        Some(_) => return Err(no()),
    };
    match port.bytes().all(|byte| byte.is_ascii_digit()) {
        true => port.parse().map_err(|_| no()),
        false => Err(no()),
    }
}

pub(super) struct Bound {
    pub(super) port: u16,
    pub(super) listeners: Vec<TcpListener>,
}

/// Listens on a port of both loopback addresses; on one of them only where the machine has no IPv6.
pub(super) fn bind(port: u16) -> Result<Bound, StartError> {
    // With any port free on the one address, somebody may hold the same on the other: then another is tried.
    let attempts = if port == 0 { 16 } else { 1 };
    let mut last = None;
    for _ in 0..attempts {
        match both(port) {
            Ok(bound) => return Ok(bound),
            Err(error) => last = Some(error),
        }
    }
    let error = last.unwrap_or_else(|| io::Error::other("no port is free"));
    Err(match error.kind() {
        io::ErrorKind::AddrInUse => StartError::Taken { port, free: free_after(port) },
        io::ErrorKind::PermissionDenied if port < 1_024 => StartError::Privileged(port),
        _ => StartError::Failed(error),
    })
}

fn both(port: u16) -> io::Result<Bound> {
    let four = listen(Ipv4Addr::LOCALHOST.into(), port)?;
    let port = four.local_addr()?.port();
    let mut listeners = vec![four];
    match listen(Ipv6Addr::LOCALHOST.into(), port) {
        Ok(six) => listeners.push(six),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
        // No IPv6 on this machine, or none allowed.
        Err(_) => {}
    }
    Ok(Bound { port, listeners })
}

fn listen(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::new(address, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn free_after(port: u16) -> u16 {
    (port.saturating_add(1)..=u16::MAX)
        .take(100)
        .chain([0])
        .find_map(|candidate| both(candidate).ok())
        .map_or(0, |bound| bound.port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_only() {
        for (text, port) in [
            ("5000", 5_000),
            (":0", 0),
            ("localhost:5000", 5_000),
            ("127.0.0.1:5000", 5_000),
            ("[::1]:5000", 5_000),
            ("http://127.0.0.1:5000/", 5_000),
        ] {
            assert_eq!(loopback_port(text).unwrap(), port, "{text}");
        }
        for text in [
            "0.0.0.0:5000",
            "[::]:5000",
            "192.168.1.2:5000",
            "localhost.evil.example:5000",
            "127.0.0.1",
            "host",
            "",
            "70000",
            "-1",
            "+1",
        ] {
            assert!(loopback_port(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_taken_port_is_said_with_one_that_is_free() {
        let bound = bind(0).unwrap();
        let Err(StartError::Taken { port, free }) = bind(bound.port) else { panic!("it was taken") };
        assert_eq!(port, bound.port);
        assert_ne!(free, port);
        assert!(bind(free).is_ok());
    }

    #[test]
    fn only_loopback_is_bound() {
        for listener in bind(0).unwrap().listeners {
            assert!(listener.local_addr().unwrap().ip().is_loopback());
        }
    }
}
