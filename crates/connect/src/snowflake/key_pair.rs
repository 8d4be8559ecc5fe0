//! Who is asking, shown with a private key: a token (RFC 7519) that is signed with it and holds for an hour.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio_rustls::rustls::{
    SignatureScheme,
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{PrivateKeyDer, pem::PemObject},
};

use crate::secret::Secret;

/// How long a token holds, in seconds; Snowflake takes no longer one.
const HOLDS: i64 = 3_540;

/// The token of `user` at `account`, made at this second.
pub(super) fn token(account: &str, user: &str, key: &Secret, now: i64) -> Result<Secret, &'static str> {
    let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
        .map_err(|_| "the private key is no PEM: expected -----BEGIN PRIVATE KEY-----, not encrypted")?;
    let key = any_supported_type(&key).map_err(|_| "the private key is of no known sort: expected RSA")?;
    let signer = key
        .choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])
        .ok_or("the private key is none of RSA, which Snowflake asks for")?;
    let public = key.public_key().ok_or("the private key has no public half")?;
    let fingerprint = STANDARD.encode(Sha256::digest(public.as_ref()));
    // A locator's region is no part of the account's name here.
    let account = account.split('.').next().unwrap_or(account).to_uppercase();
    let subject = format!("{account}.{}", user.to_uppercase());
    let head = json!({"alg": "RS256", "typ": "JWT"});
    let body = json!({"iss": format!("{subject}.SHA256:{fingerprint}"), "sub": subject, "iat": now, "exp": now + HOLDS});
    let [head, body] = [head, body].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{head}.{body}");
    let signature = signer.sign(signed.as_bytes()).map_err(|_| "the private key can't sign")?;
    Ok(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::AsDer,
        rsa::{KeyPair, KeySize},
        signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
    };
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_token_is_signed_with_the_key_and_says_whose_it_is() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(private.as_ref())
        );
        let token = token("acme-eu.privatelink", "ann", &Secret::new(pem), 1_795_600_000).unwrap();
        let parts: Vec<&str> = token.expose().split('.').collect();
        let signed = format!("{}.{}", parts[0], parts[1]);
        let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
        public.verify(signed.as_bytes(), &signature).unwrap();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(claims["sub"], "ACME-EU.ANN");
        let whole: aws_lc_rs::encoding::PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let fingerprint = STANDARD.encode(Sha256::digest(whole.as_ref()));
        assert_eq!(claims["iss"], format!("ACME-EU.ANN.SHA256:{fingerprint}"));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), HOLDS);
    }

    #[test]
    fn what_is_no_key_is_refused_in_words_without_it() {
        let refused = token("a", "b", &Secret::new("-----BEGIN canary-----"), 1).unwrap_err();
        assert!(refused.contains("no PEM"), "{refused}");
    }
}
