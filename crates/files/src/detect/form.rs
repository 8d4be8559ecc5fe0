//! What form a text has: an address, a date, a key.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether a text has a form.
type Is = fn(&str) -> bool;

/// The forms that are told apart, the particular ones first.
pub(super) const FORMS: &[(&str, Is)] = &[
    ("uuid", |text| text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()),
    ("email", email),
    ("url", |text| {
        text.split_once("://").is_some_and(|(scheme, rest)| {
            matches!(scheme, "http" | "https" | "ftp" | "s3" | "gs") && rest.len() > 2 && !rest.contains(' ')
        })
    }),
    ("date", date),
    ("date-time", date_time),
    ("time", |text| {
        text.len() >= 5 && chrono::NaiveTime::parse_from_str(text, "%H:%M:%S%.f").is_ok()
            || text.len() == 5 && chrono::NaiveTime::parse_from_str(text, "%H:%M").is_ok()
    }),
    ("ipv4", |text| text.parse::<Ipv4Addr>().is_ok()),
    ("ipv6", |text| text.contains(':') && text.parse::<Ipv6Addr>().is_ok()),
    ("iban", iban),
    ("digest", |text| {
        matches!(text.len(), 32 | 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    }),
    ("percentage", |text| text.strip_suffix('%').is_some_and(|number| amount(number.trim()))),
    ("currency", currency),
    ("phone", phone),
];

/// Forms whose values say who somebody is.
pub(super) const PERSONAL: &[&str] = &["email", "ipv4", "ipv6", "iban", "phone"];

/// The longest text that may have a form.
pub(super) const LONGEST: usize = 512;

pub(super) fn date(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

pub(super) fn date_time(text: &str) -> bool {
    let split = text.len() >= 16 && matches!(text.as_bytes().get(10), Some(b'T' | b' '));
    split
        && text.is_char_boundary(10)
        && date(&text[..10])
        && (chrono::DateTime::parse_from_rfc3339(text).is_ok()
            || ["%H:%M", "%H:%M:%S%.f"].iter().any(|form| {
                chrono::NaiveTime::parse_from_str(text[11..].trim_end_matches('Z'), form).is_ok()
            }))
}

fn email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace) && !part.contains('@');
    plain(name) && plain(host) && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
}

fn amount(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    !digits.is_empty()
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'\''))
}

fn currency(text: &str) -> bool {
    const SIGNS: &[char] = &['$', '€', '£', '¥', '₹'];
    const WORDS: &[&str] =
        &["USD", "EUR", "GBP", "JPY", "CHF", "INR", "CNY", "CAD", "AUD", "SEK", "NOK", "DKK"];
    let text = text.trim();
    let rest = text.strip_prefix(SIGNS).or_else(|| text.strip_suffix(SIGNS)).or_else(|| {
        WORDS.iter().find_map(|word| text.strip_prefix(word).or_else(|| text.strip_suffix(word)))
    });
    rest.is_some_and(|rest| amount(rest.trim()))
}

/// By its check digits.
fn iban(text: &str) -> bool {
    let text: String = text.chars().filter(|c| *c != ' ').collect();
    let bytes = text.as_bytes();
    let plain = (15..=34).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_alphanumeric);
    let land = plain && bytes[..2].iter().all(u8::is_ascii_uppercase) && bytes[2].is_ascii_digit();
    if !land {
        return false;
    }
    let rest = bytes[4..].iter().chain(&bytes[..4]).try_fold(0_u32, |rest, &byte| {
        let value = char::from(byte).to_digit(36)?;
        Some(if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 })
    });
    rest == Some(1)
}

fn phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (text.starts_with('+') || text.starts_with('('))
        && (7..=15).contains(&digits)
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ' | '.' | '/'))
}

/// Whether a column of this name tells of a person.
pub(super) fn personal_name(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "email",
        "mail",
        "phone",
        "mobile",
        "ssn",
        "passport",
        "iban",
        "birthday",
        "birthdate",
        "dob",
        "surname",
        "firstname",
        "lastname",
        "fullname",
        "address",
        "street",
        "postcode",
        "zip",
        "salary",
        "gender",
        "patient",
        "ip",
        "username",
        "password",
        "secret",
        "token",
    ];
    const PHRASES: &[&str] =
        &["first_name", "last_name", "full_name", "date_of_birth", "credit_card", "card_number"];
    let mut word = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            word.push('_');
        }
        word.extend(if c.is_alphanumeric() { c.to_lowercase().collect() } else { vec!['_'] });
        before = c;
    }
    PHRASES.iter().any(|phrase| word.contains(phrase)) || word.split('_').any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Option<&'static str> {
        FORMS.iter().find(|(_, is)| is(text)).map(|(name, _)| *name)
    }

    #[test]
    fn forms_are_told_by_the_whole_text() {
        for (text, expected) in [
            ("ann@example.org", Some("email")),
            ("67e55044-10b1-426f-9247-bb680e5fe0c8", Some("uuid")),
            ("https://example.org/a", Some("url")),
            ("2026-11-25", Some("date")),
            ("2026-02-30", None),
            ("2026-11-25T06:50:04Z", Some("date-time")),
            ("2026-11-25 06:50", Some("date-time")),
            ("06:50", Some("time")),
            ("10.0.0.1", Some("ipv4")),
            ("::1", Some("ipv6")),
            ("DE89 3704 0044 0532 0130 00", Some("iban")),
            ("DE88370400440532013000", None),
            ("$1,204.50", Some("currency")),
            ("12.5 %", Some("percentage")),
            ("+49 30 1234567", Some("phone")),
            ("hello", None),
        ] {
            assert_eq!(form(text), expected, "{text}");
        }
    }

    #[test]
    fn names_of_personal_columns_are_known_by_their_words() {
        assert!(personal_name("customerEmail") && personal_name("First Name") && personal_name("ip"));
        assert!(!personal_name("zipper") && !personal_name("shipping_cost"));
    }
}
