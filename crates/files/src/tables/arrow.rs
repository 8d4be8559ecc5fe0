//! Arrow IPC (a file, a stream, Feather): the schema message at the head. No batch is read.
//!
//! The message is a flatbuffer; numbers of fields and types are those of `Schema.fbs` and `Message.fbs`.

use catena_model::statement::Read;
use serde_json::Map;

use crate::{
    FileError, embedded,
    input::Ranges,
    schema::Field,
    table::{MOST_COLUMNS, Place, Table},
};

const LARGEST: usize = 16 << 20;
const DEEPEST: usize = 24;

pub(crate) fn read(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let head = input.read_at(0, LARGEST)?;
    // A file begins with its name, padded to eight bytes; then a stream begins.
    let at = if head.starts_with(b"ARROW1") { 8 } else { 0 };
    let whole = Buffer { bytes: &head };
    let marked = whole.u32(at)? == u32::MAX;
    let (length, start) = if marked { (whole.u32(at + 4)?, at + 8) } else { (whole.u32(at)?, at + 4) };
    let end = start.checked_add(length as usize).filter(|end| *end <= head.len());
    let message = Buffer { bytes: &head[start..end.ok_or(FileError::Truncated("Arrow schema"))?] };
    let root = message.root()?;
    if message.byte_field(root, 1)? != Some(1) {
        return Err(FileError::damaged("Arrow schema", "the first message in it is no schema"));
    }
    let schema = message.table(root, 2)?.ok_or_else(|| FileError::damaged("Arrow schema", "it is empty"))?;
    let mut left = MOST_COLUMNS;
    let fields = message.fields(schema, 1, 0, &mut left)?;
    let mut said = Vec::new();
    for pair in message.tables(schema, 2)? {
        if let (Some(key), Some(value)) = (message.text(pair, 0)?, message.text(pair, 1)?) {
            said.push((key, value));
        }
    }
    let table = Table {
        format: "arrow",
        subtype: "file",
        fields,
        properties: Map::new(),
        facets: embedded::metadata(&said),
        ..Table::default()
    };
    Ok(table.tell(place))
}

/// A flatbuffer; every offset in it is checked against its end.
#[derive(Clone, Copy)]
struct Buffer<'a> {
    bytes: &'a [u8],
}

fn outside() -> FileError {
    FileError::damaged("Arrow schema", "it points outside of itself")
}

impl<'a> Buffer<'a> {
    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], FileError> {
        self.bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().ok_or_else(outside)
    }

    fn u32(&self, at: usize) -> Result<u32, FileError> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn follow(&self, at: usize) -> Result<usize, FileError> {
        at.checked_add(self.u32(at)? as usize).filter(|to| *to < self.bytes.len()).ok_or_else(outside)
    }

    fn root(&self) -> Result<usize, FileError> {
        self.follow(0)
    }

    /// Where a field of a table is, if it has one.
    fn field(&self, table: usize, number: usize) -> Result<Option<usize>, FileError> {
        let back = i64::from(i32::from_le_bytes(self.array(table)?));
        let layout = i64::try_from(table)
            .ok()
            .and_then(|table| table.checked_sub(back))
            .and_then(|at| usize::try_from(at).ok())
            .ok_or_else(outside)?;
        let size = usize::from(u16::from_le_bytes(self.array(layout)?));
        let entry = 4 + 2 * number;
        if entry + 2 > size {
            return Ok(None);
        }
        let offset = usize::from(u16::from_le_bytes(self.array(layout + entry)?));
        Ok((offset > 0).then_some(table + offset))
    }

    fn byte_field(&self, table: usize, number: usize) -> Result<Option<u8>, FileError> {
        let at = self.field(table, number)?;
        at.map(|at| self.array::<1>(at).map(|[byte]| byte)).transpose()
    }

    fn int(&self, table: usize, number: usize) -> Result<i32, FileError> {
        let at = self.field(table, number)?;
        Ok(at.map(|at| self.array(at).map(i32::from_le_bytes)).transpose()?.unwrap_or_default())
    }

    fn short(&self, table: usize, number: usize, otherwise: i16) -> Result<i16, FileError> {
        let at = self.field(table, number)?;
        Ok(at.map(|at| self.array(at).map(i16::from_le_bytes)).transpose()?.unwrap_or(otherwise))
    }

    fn table(&self, table: usize, number: usize) -> Result<Option<usize>, FileError> {
        self.field(table, number)?.map(|at| self.follow(at)).transpose()
    }

    fn text(&self, table: usize, number: usize) -> Result<Option<&'a str>, FileError> {
        let Some(at) = self.table(table, number)? else { return Ok(None) };
        let length = self.u32(at)? as usize;
        let bytes = self.bytes.get(at + 4..).and_then(|rest| rest.get(..length)).ok_or_else(outside)?;
        std::str::from_utf8(bytes)
            .map(Some)
            .map_err(|_| FileError::damaged("Arrow schema", "a name in it is no text"))
    }

    fn tables(&self, table: usize, number: usize) -> Result<Vec<usize>, FileError> {
        let Some(at) = self.table(table, number)? else { return Ok(Vec::new()) };
        let count = self.u32(at)? as usize;
        if count > self.bytes.len() / 4 {
            return Err(outside());
        }
        (0..count).map(|index| self.follow(at + 4 + 4 * index)).collect()
    }

    fn fields(
        &self,
        table: usize,
        number: usize,
        depth: usize,
        left: &mut usize,
    ) -> Result<Vec<Field>, FileError> {
        if depth > DEEPEST {
            return Err(FileError::damaged("Arrow schema", "it is nested too deep"));
        }
        let mut fields = Vec::new();
        for at in self.tables(table, number)? {
            // Many fields may share the bytes of one.
            *left = left
                .checked_sub(1)
                .ok_or_else(|| FileError::damaged("Arrow schema", "it has too many columns"))?;
            let children = self.fields(at, 5, depth + 1, left)?;
            let mut field = Field::new(self.text(at, 0)?.unwrap_or_default(), self.type_of(at, &children)?);
            field.nullable = Some(self.byte_field(at, 1)?.unwrap_or_default() != 0);
            // Of a list, what is in it is what people look for.
            field.fields = if matches!(self.byte_field(at, 2)?, Some(12 | 16 | 21)) {
                children.into_iter().next().map(|item| item.fields).unwrap_or_default()
            } else {
                children
            };
            fields.push(field);
        }
        Ok(fields)
    }

    fn type_of(&self, field: usize, children: &[Field]) -> Result<String, FileError> {
        let unit = |number| {
            ["s", "ms", "us", "ns"].get(usize::try_from(number).unwrap_or(9)).copied().unwrap_or("?")
        };
        let Some(of) = self.table(field, 3)? else { return Ok("any".to_owned()) };
        let item = || children.first().and_then(|item| item.data_type.as_deref()).unwrap_or("any");
        let name = match self.byte_field(field, 2)?.unwrap_or_default() {
            1 => "null".to_owned(),
            2 => format!(
                "{}int{}",
                if self.byte_field(of, 1)?.unwrap_or_default() != 0 { "" } else { "u" },
                self.int(of, 0)?
            ),
            3 => ["float16", "float", "double"]
                .get(usize::try_from(self.short(of, 0, 0)?).unwrap_or(9))
                .copied()
                .unwrap_or("float")
                .to_owned(),
            4 | 19 => "binary".to_owned(),
            5 | 20 | 24 => "string".to_owned(),
            6 => "boolean".to_owned(),
            7 => format!("decimal({},{})", self.int(of, 0)?, self.int(of, 1)?),
            8 => "date".to_owned(),
            9 => format!("time[{}]", unit(self.short(of, 0, 1)?)),
            10 => match self.text(of, 1)? {
                Some(zone) => format!("timestamp[{}, {zone}]", unit(self.short(of, 0, 0)?)),
                None => format!("timestamp[{}]", unit(self.short(of, 0, 0)?)),
            },
            11 => "interval".to_owned(),
            12 | 21 => format!("list<{}>", item()),
            13 => "struct".to_owned(),
            14 => "union".to_owned(),
            15 => format!("fixed({})", self.int(of, 0)?),
            16 => format!("list<{}>[{}]", item(), self.int(of, 0)?),
            17 => "map".to_owned(),
            18 => format!("duration[{}]", unit(self.short(of, 0, 1)?)),
            _ => "any".to_owned(),
        };
        // With a dictionary, the column holds numbers that stand for such values.
        Ok(if self.table(field, 4)?.is_some() { format!("dictionary<{name}>") } else { name })
    }
}
