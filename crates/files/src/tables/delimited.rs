//! CSV and its kin: what separates the fields and whether the first row names them is told by the text.

use catena_model::statement::Read;
use csv::{ReaderBuilder, StringRecord};

use super::Sampled;
use crate::{
    FileError,
    detect::{Columns, SAMPLE_BYTES, SAMPLE_ROWS, Seen, Watch},
    input::Ranges,
    table::Place,
};

const SEPARATORS: &[u8] = b",\t;|";
/// How many rows are looked at to tell what separates fields.
const LOOKED_AT: usize = 50;

pub(crate) fn read(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let size = input.size();
    let bytes = input.read_at(0, SAMPLE_BYTES)?;
    let whole = bytes.len() as u64 == size;
    let text = text(&bytes);
    let text = if whole { &*text } else { text.rfind('\n').map_or(&*text, |end| &text[..=end]) };
    let separator = separator(text).ok_or_else(|| {
        FileError::Unknown("no separator gives its lines the same number of fields".to_owned())
    })?;
    let mut sampled = sample(text, separator)?;
    sampled.complete &= whole;
    sampled.bytes = text.len() as u64;
    let mut table = sampled.table(if separator == b'\t' { "tsv" } else { "csv" });
    table.properties.insert("separator".to_owned(), char::from(separator).to_string().into());
    Ok(table.tell(place))
}

/// The text, whichever way it is encoded.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks().0.iter().map(|pair| read(*pair)).collect();
        String::from_utf16_lossy(&units).into()
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        rest => String::from_utf8_lossy(rest),
    }
}

fn rows(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// What gives the first rows the same number of fields, and the most of them.
pub(crate) fn separator(text: &str) -> Option<u8> {
    let widths = |separator| {
        let widths: Vec<usize> = rows(text, separator)
            .records()
            .take(LOOKED_AT)
            .filter_map(Result::ok)
            .map(|row| row.len())
            .collect();
        let first = *widths.first()?;
        let like = widths.iter().filter(|width| **width == first).count();
        (first > 1 && like * 10 >= widths.len() * 9).then_some(first)
    };
    let found = SEPARATORS.iter().filter_map(|&separator| Some((separator, widths(separator)?)));
    // The earlier one of equals.
    found.reduce(|best, other| if other.1 > best.1 { other } else { best }).map(|(separator, _)| separator)
}

fn seen(text: &str) -> Seen<'_> {
    let text = text.trim();
    match text {
        "" | "NA" | "N/A" | "NaN" | "nan" | "null" | "NULL" | "None" | "\\N" => return Seen::Nothing,
        "true" | "True" | "TRUE" => return Seen::Bool(true),
        "false" | "False" | "FALSE" => return Seen::Bool(false),
        _ => {}
    }
    let digits = text.trim_start_matches(['-', '+']);
    // A leading zero is part of a code, not of a number.
    let code = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && !code;
    match text.parse::<f64>() {
        Ok(value) if numeric && digits.bytes().all(|byte| byte.is_ascii_digit()) => Seen::Integer(value),
        Ok(value) if numeric && value.is_finite() => Seen::Number(value),
        _ => Seen::Text(text),
    }
}

fn sample(text: &str, separator: u8) -> Result<Sampled, FileError> {
    let mut reader = rows(text, separator);
    let mut row = StringRecord::new();
    let damaged = |error: csv::Error| FileError::damaged("table", error.to_string());
    reader.read_record(&mut row).map_err(damaged)?;
    let header = row.iter().all(|name| matches!(seen(name), Seen::Text(name) if name.len() < 256));
    let mut names: Vec<String> = match header {
        true => row.iter().map(|name| name.trim().to_owned()).collect(),
        false => (1..=row.len()).map(|number| format!("column_{number}")).collect(),
    };
    // Two columns of one name are two columns.
    for index in 1..names.len() {
        if names[..index].contains(&names[index]) {
            names[index] = format!("{}_{}", names[index], index + 1);
        }
    }
    let (mut columns, mut watch) = (Columns::default(), Watch::default());
    let mut complete = true;
    let mut more = !header || reader.read_record(&mut row).map_err(damaged)?;
    while more {
        if columns.rows == SAMPLE_ROWS {
            complete = false;
            break;
        }
        columns.rows += 1;
        watch.row = columns.rows;
        for (name, value) in names.iter().zip(&row) {
            columns.see(name, seen(value), &mut watch);
        }
        more = reader.read_record(&mut row).map_err(damaged)?;
    }
    for name in &names {
        // Also of a table without rows.
        columns.see(name, Seen::Nothing, &mut watch);
    }
    Ok(Sampled { columns, watch, complete, bytes: 0 })
}
