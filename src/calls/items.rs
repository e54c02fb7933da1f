//! The collection that a text is made of, item by item.

use crate::source::Location;

/// A collection whose items a text is made of, as code beside the call sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items {
    /// The collection as the program writes it (`rows`); `None` where it has no name there.
    pub collection: Option<String>,
    /// The variable that stands for an item; empty where there is none.
    pub variable: String,
    /// The field of an item that is interpolated, and how the program takes it.
    pub field: Option<(String, Access)>,
    /// The bytes in which the variable is known.
    pub within: Location,
    /// The bytes in which the collection is known, where it is an item itself.
    pub outer: Option<Location>,
}

/// How a field of an item is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `r.age`
    Attribute,
    /// `r["age"]`
    Subscript,
}

impl Items {
    /// As code at `place` sees it; `None` where the loop variable is known there.
    #[must_use]
    pub fn seen_from(mut self, place: Location) -> Option<Self> {
        let holds = |l: &Location| l.file == place.file && l.span.contains(place.span);
        if self.within != Location::default() && holds(&self.within) {
            return None;
        }
        if self.outer.as_ref().is_some_and(|o| !holds(o)) {
            self.collection = None;
        }
        // From here on nobody asks, and files may be numbered anew.
        (self.within, self.outer) = (Location::default(), None);
        Some(self)
    }
}
