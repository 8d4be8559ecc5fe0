//! Letters as search sees them: without case, accents and the width that East Asian fonts give them.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Gives `keep` what is left of a letter: nothing for an accent, several for a ligature.
pub(crate) fn fold_char(c: char, mut keep: impl FnMut(char)) {
    if c.is_ascii() {
        return keep(c.to_ascii_lowercase());
    }
    // Letters that Unicode doesn't take apart, though people type them apart.
    let written_out = match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ı' | 'İ' => "i",
        'ς' => "σ",
        _ => "",
    };
    if !written_out.is_empty() {
        return written_out.chars().for_each(keep);
    }
    // Taken apart, Hangul becomes its single strokes and kana lose their voice: those stay whole.
    if is_unspaced(c) {
        return keep(c);
    }
    for part in std::iter::once(c).nfkd().filter(|part| !is_combining_mark(*part)) {
        part.to_lowercase().filter(|part| !is_combining_mark(*part)).for_each(&mut keep);
    }
}

/// A text as search sees it.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, |c| out.push(c));
    }
    out
}

/// Whether the letter is of a script that puts no spaces between words.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff        // Thai, Lao
        | 0x1000..=0x109f      // Myanmar
        | 0x1780..=0x17ff      // Khmer
        | 0x3040..=0x30ff      // Hiragana, Katakana
        | 0x31f0..=0x31ff
        | 0x3400..=0x4dbf      // Han
        | 0x4e00..=0x9fff
        | 0xac00..=0xd7a3      // Hangul
        | 0xf900..=0xfaff
        | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_width_make_no_difference() {
        assert_eq!(fold("Café"), "cafe");
        assert_eq!(fold("CAFE\u{301}"), "cafe");
        assert_eq!(fold("Straße Łódź Ærø"), "strasse lodz aero");
        assert_eq!(fold("ＯＲＤＥＲＳ"), "orders");
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
    }

    #[test]
    fn scripts_without_case_stay_as_they_are() {
        assert_eq!(fold("주문 がぎ 订单"), "주문 がぎ 订单");
    }
}
