//! From files to statements: tables, models' headers, cards and the standards in which metadata is exchanged; and out.
//!
//! What a file is, is told by its content ([`Format::recognise`]). Nothing is read whole but what is small by nature:
//! of data files, the header, footer or a bounded sample; of models, the header. No pickle is ever loaded, no page or
//! tensor is decoded. Pure: whoever calls gives the bytes, the name and the time.

mod card;
mod detect;
mod embedded;
mod error;
mod format;
#[cfg(test)]
mod fuzz;
mod input;
mod models;
mod schema;
mod standards;
mod table;
mod tables;
mod yaml;

pub mod out;

pub use card::model_of;
pub use detect::{SAMPLE_BYTES, SAMPLE_ROWS};
pub use error::FileError;
pub use format::Format;
pub use input::{Ranges, Seekable};
pub use schema::Field;
pub use table::Place;
pub use tables::lake;

use catena_model::statement::Read;

/// Reads a file of this format.
///
/// # Errors
///
/// When nothing of it can be taken; what is wrong with a part of it is a rejection among the rest.
pub fn read(place: &Place, format: Format, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    match format {
        Format::Delimited => tables::delimited::read(place, input),
        Format::Json => tables::rows::array(place, input),
        Format::Ndjson => tables::rows::lines(place, input),
        Format::Parquet => tables::parquet::read(place, input),
        Format::Arrow => tables::arrow::read(place, input),
        Format::Avro => tables::avro::read(place, input),
        Format::Safetensors => models::safetensors::read(place, input),
        Format::Gguf => models::gguf::read(place, input),
        Format::Onnx => models::onnx::read(place, input),
        Format::Card => card::read(place, input),
        Format::C2pa => standards::c2pa::read(place, input),
        other => standards::read(place, other, input),
    }
}
