//! Who may do what.

mod matrix;
mod table;
