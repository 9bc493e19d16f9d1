//! From layers of text to one text for each setting.

mod dotenv;
mod interpolate;
mod kubernetes;
mod layer;
mod names;
mod reader;
mod toml_file;

pub(super) use reader::Reader;
