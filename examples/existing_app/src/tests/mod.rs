//! The app's own tests, from the request to the answer, on a file of their own.

mod accounts;
mod documents;
mod fixture;
mod notes;
mod refusals;
