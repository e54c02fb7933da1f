//! Tests of the frontend.
