//! Which addresses a server's name may lead to.

use std::net::{IpAddr, SocketAddr};

use super::{error::HttpError, origin::Endpoint};

/// Who chose the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A person typed it: this machine and private networks are as good as any.
    NamedByUser,
    /// It was found in data: only public addresses, or a catalog could make us ask the user's own network.
    Public,
}

/// Finds the addresses of the server once; the caller connects to these and to no others, so that the name can't
/// lead elsewhere later (DNS rebinding).
pub async fn resolve(endpoint: &Endpoint, reach: Reach) -> Result<Vec<SocketAddr>, HttpError> {
    let host = endpoint.host();
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    let found: Vec<SocketAddr> = match literal {
        Some(address) => vec![SocketAddr::new(address, endpoint.port())],
        None => tokio::net::lookup_host((host, endpoint.port()))
            .await
            .map_err(|error| HttpError::Unresolved { host: host.to_owned(), why: error.to_string() })?
            .collect(),
    };
    allowed(host, &found, reach, literal.is_some())
}

fn allowed(
    host: &str,
    found: &[SocketAddr],
    reach: Reach,
    literal: bool,
) -> Result<Vec<SocketAddr>, HttpError> {
    let mut good = Vec::new();
    let mut bad = None;
    for &socket in found {
        match refusal(socket.ip().to_canonical(), reach, literal) {
            None => good.push(socket),
            Some(why) => {
                bad = Some(HttpError::Forbidden { host: host.to_owned(), address: socket.ip(), why });
            }
        }
    }
    match (good.is_empty(), bad) {
        (false, _) => Ok(good),
        (true, Some(error)) => Err(error),
        (true, None) => Err(HttpError::Unresolved { host: host.to_owned(), why: "no address".to_owned() }),
    }
}

fn refusal(address: IpAddr, reach: Reach, literal: bool) -> Option<&'static str> {
    let unusable = address.is_unspecified() || address.is_multicast() || is_broadcast(address);
    // Clouds keep their machines' credentials at link-local addresses.
    let link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => (v6.segments()[0] & 0xffc0) == 0xfe80,
    };
    if unusable {
        Some("which is not the address of a server: check the address")
    } else if link_local && !(literal && reach == Reach::NamedByUser) {
        Some("a link-local address: give the address itself if that is meant")
    } else if reach == Reach::Public && is_private(address) {
        Some("which is in a private network: only a person can name a server there")
    } else {
        None
    }
}

fn is_broadcast(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if v4.is_broadcast())
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let benchmark = a == 198 && (b == 18 || b == 19);
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || shared || benchmark || a == 0
        }
        IpAddr::V6(v6) => v6.is_loopback() || (v6.segments()[0] & 0xfe00) == 0xfc00,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, reach: Reach, literal: bool) -> bool {
        let socket = SocketAddr::new(address.parse().unwrap(), 80);
        allowed("some.example", &[socket], reach, literal).is_ok()
    }

    #[test]
    fn private_networks_only_where_a_person_named_the_server() {
        for address in
            ["127.0.0.1", "10.1.2.3", "192.168.0.9", "100.64.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"]
        {
            assert!(check(address, Reach::NamedByUser, false), "{address}");
            assert!(!check(address, Reach::Public, false), "{address}");
        }
        assert!(check("93.184.216.34", Reach::Public, false));
    }

    #[test]
    fn a_name_never_leads_to_the_clouds_credential_server() {
        for address in ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"] {
            assert!(!check(address, Reach::NamedByUser, false), "{address}");
            assert!(!check(address, Reach::Public, true), "{address}");
        }
        assert!(check("169.254.169.254", Reach::NamedByUser, true));
        assert!(!check("0.0.0.0", Reach::NamedByUser, true));
    }

    #[test]
    fn of_several_addresses_only_the_allowed_ones_are_used() {
        let both = ["10.0.0.1:80".parse().unwrap(), "93.184.216.34:80".parse().unwrap()];
        assert_eq!(allowed("some.example", &both, Reach::Public, false).unwrap(), [both[1]]);
    }
}
