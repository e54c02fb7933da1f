//! Tests of the frontend.

mod dumps;
mod properties;
