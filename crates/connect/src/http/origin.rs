//! Where a server is.

use reqwest::Url;

use super::error::HttpError;
use crate::secret::{Credential, Secret, percent_decoded, without_password};

/// A server's address: its origin and the path under which it lives. Holds no credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads what a person typed or copied from a browser; a user name and password in it come out apart.
    pub fn parse(text: &str) -> Result<(Self, Option<Credential>), HttpError> {
        let text = text.trim();
        let bad = |why: String| HttpError::BadAddress { address: without_password(text), why };
        let mut url = Url::parse(text).map_err(|error| bad(format!("{error}; expected http://HOST:PORT")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad(format!("{}: is not http: or https:", url.scheme())));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("the host is missing; expected http://HOST:PORT".to_owned()));
        }
        let credential = (!url.username().is_empty()).then(|| Credential::Basic {
            user: percent_decoded(url.username()),
            password: Secret::new(percent_decoded(url.password().unwrap_or_default())),
        });
        // Neither can fail: the URL has a host.
        let _ = (url.set_username(""), url.set_password(None));
        // A browser's address bar holds a page of the single-page app behind `#`; the server lives before it.
        url.set_fragment(None);
        url.set_query(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok((Self(url), credential))
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        origin(&self.0)
    }

    /// Host and port.
    pub fn authority(&self) -> String {
        let port = self.port();
        format!("{}:{port}", self.host())
    }

    /// The host as it stands in the address.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port, whether it stands in the address or not.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(80)
    }

    /// The address of a path under this server; `path` is ours, never a server's.
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{}", self.0.path(), path.trim_start_matches('/')));
        url
    }

    /// Whether `url` is at the same scheme, host and port.
    pub fn holds(&self, url: &Url) -> bool {
        url.origin() == self.0.origin()
    }
}

/// Scheme, host and port of any URL.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// A name as one segment of a path, whatever it holds.
pub(crate) fn segment(text: &str) -> String {
    text.bytes().fold(String::new(), |path, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
            path + char::from(byte).to_string().as_str()
        }
        byte => format!("{path}%{byte:02X}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_copied_from_a_browser_is_the_servers() {
        let (endpoint, credential) =
            Endpoint::parse(" http://ml.example:5000/tracking#/experiments/1 ").unwrap();
        assert_eq!(endpoint.at("api/x").as_str(), "http://ml.example:5000/tracking/api/x");
        assert_eq!(endpoint.authority(), "ml.example:5000");
        assert_eq!(credential, None);
        assert_eq!(Endpoint::parse("https://ml.example").unwrap().0.authority(), "ml.example:443");
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        assert_eq!(segment("team-a_1"), "team-a_1");
        assert_eq!(segment("../admin?x#"), "%2E%2E%2Fadmin%3Fx%23");
    }

    #[test]
    fn a_password_in_the_address_comes_out_of_it() {
        let (endpoint, credential) = Endpoint::parse("https://ann:p%40ss@ml.example/").unwrap();
        assert_eq!(endpoint.at("").as_str(), "https://ml.example/");
        assert_eq!(credential, Some(Credential::Basic { user: "ann".into(), password: Secret::new("p@ss") }));
        let error = Endpoint::parse("ftp://ann:p@ss@ml.example/").unwrap_err().to_string();
        assert!(!error.contains("p@ss"), "{error}");
    }

    #[test]
    fn another_scheme_port_or_host_is_another_origin() {
        let (endpoint, _) = Endpoint::parse("http://ml.example:5000").unwrap();
        let holds = |text: &str| endpoint.holds(&Url::parse(text).unwrap());
        assert!(holds("http://ml.example:5000/login"));
        assert!(!holds("https://ml.example:5000/"));
        assert!(!holds("http://ml.example/"));
        assert!(!holds("http://ml.example.evil.example:5000/"));
        assert!(!holds("http://ml.example:5000@evil.example/"));
    }
}
