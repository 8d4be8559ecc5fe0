//! Types as systems write them, held against each other: what is the same under two names, wider or narrower.

/// How one type stands to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Another name for the same.
    Same,
    /// Holds all values that the one before held, exactly.
    Wider,
    /// Holds them all, but maybe not exactly.
    Inexact,
    /// Holds the same sort of values, but not all of them.
    Narrower,
    /// Holds something else.
    Other,
}

/// A type brought into one form.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Type {
    /// Nothing was seen yet.
    Nothing,
    /// Bits, none where it is not said, and whether it has a sign.
    Integer(Option<u32>, bool),
    /// Bits.
    Float(u32),
    /// Precision and scale.
    Decimal(Option<(u32, u32)>),
    /// The most characters.
    Text(Option<u64>),
    Date,
    Moment,
    Boolean,
    List(Box<Type>),
    Named(String),
}

/// How many levels of lists are looked into.
const DEEPEST: usize = 16;

fn read(text: &str, depth: usize) -> Type {
    let text = text.trim().to_lowercase();
    for open in ["list<", "array<"] {
        if let Some(inner) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix('>'))
            && depth < DEEPEST
        {
            return Type::List(Box::new(read(inner, depth + 1)));
        }
    }
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => (name.trim(), rest.split(')').next().unwrap_or_default()),
        None => (text.as_str(), ""),
    };
    let numbers: Vec<u64> = arguments.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    let number = |at: usize| numbers.get(at).and_then(|number| u32::try_from(*number).ok());
    match name {
        "null" | "void" | "unknown" => Type::Nothing,
        "tinyint" | "int8" | "byte" => Type::Integer(Some(8), true),
        "smallint" | "int16" | "short" => Type::Integer(Some(16), true),
        "int" | "int4" | "int32" => Type::Integer(Some(32), true),
        "bigint" | "int64" | "long" => Type::Integer(Some(64), true),
        "integer" => Type::Integer(None, true),
        "uint8" => Type::Integer(Some(8), false),
        "uint16" => Type::Integer(Some(16), false),
        "uint32" => Type::Integer(Some(32), false),
        "uint64" => Type::Integer(Some(64), false),
        "float16" | "half" => Type::Float(16),
        "real" | "float" | "float4" | "float32" => Type::Float(32),
        "double" | "double precision" | "float8" | "float64" | "number" if numbers.is_empty() => {
            Type::Float(64)
        }
        "decimal" | "numeric" | "number" => {
            Type::Decimal(number(0).map(|precision| (precision, number(1).unwrap_or(0))))
        }
        "string" | "text" | "varchar" | "character varying" | "char" | "character" | "large_string"
        | "str" => Type::Text(numbers.first().copied()),
        "date" | "date32" => Type::Date,
        "boolean" | "bool" => Type::Boolean,
        _ if name.starts_with("timestamp") || name == "datetime" => Type::Moment,
        _ => Type::Named(text),
    }
}

/// How the type `after` stands to `before`.
pub(super) fn change(before: &str, after: &str) -> Change {
    between(&read(before, 0), &read(after, 0))
}

fn by_size<T: Ord>(before: T, after: T) -> Change {
    match after.cmp(&before) {
        std::cmp::Ordering::Less => Change::Narrower,
        std::cmp::Ordering::Equal => Change::Same,
        std::cmp::Ordering::Greater => Change::Wider,
    }
}

fn between(before: &Type, after: &Type) -> Change {
    match (before, after) {
        _ if before == after => Change::Same,
        (Type::Nothing, _) => Change::Wider,
        (Type::Integer(Some(was), sign), Type::Integer(Some(is), other)) => match (sign, other) {
            _ if sign == other => by_size(was, is),
            // A sign takes a bit.
            (false, true) if is > was => Change::Wider,
            _ => Change::Narrower,
        },
        // One of them doesn't say how large: nothing is known to have changed.
        (Type::Integer(..), Type::Integer(..)) => Change::Same,
        (Type::Integer(bits, _), Type::Float(_)) => match bits {
            Some(bits) if *bits <= 16 => Change::Wider,
            _ => Change::Inexact,
        },
        (Type::Float(was), Type::Float(is)) => by_size(was, is),
        (Type::Float(_), Type::Integer(..)) => Change::Narrower,
        (Type::Decimal(Some((was, was_scale))), Type::Decimal(Some((is, is_scale)))) => {
            let whole = |precision: &u32, scale: &u32| precision.saturating_sub(*scale);
            if is_scale >= was_scale && whole(is, is_scale) >= whole(was, was_scale) {
                Change::Wider
            } else {
                Change::Narrower
            }
        }
        (Type::Decimal(_), Type::Decimal(_)) => Change::Same,
        (Type::Integer(..), Type::Decimal(_)) => Change::Wider,
        (Type::Decimal(_), Type::Float(_)) => Change::Inexact,
        (Type::Text(was), Type::Text(is)) => match (was, is) {
            (Some(was), Some(is)) => by_size(was, is),
            (Some(_), None) => Change::Wider,
            _ => Change::Narrower,
        },
        // A day is the first moment of it: what compares days may be off.
        (Type::Date, Type::Moment) => Change::Inexact,
        (Type::List(was), Type::List(is)) => between(was, is),
        // A unit or zone may differ.
        _ => Change::Other,
    }
}
