//! What is known of the classes of a project as a whole: where they are constructed, and which of them build on others.

use rustc_hash::FxHashMap;

use super::Project;
use super::constructions::Constructions;
use crate::resolve::value::ClassRef;
use crate::source::FileId;

impl Project<'_> {
    /// The files that may construct a class of this name, sorted; none where there are many.
    pub(crate) fn constructing(&self, class: &str) -> &[FileId] {
        let constructions = self.constructions.get_or_init(|| Constructions::of(self));
        constructions.files(class)
    }

    /// Says which classes keep an SDK client for which of their base classes, once, in the order of files.
    pub(crate) fn set_heirs(&self, pairs: Vec<(ClassRef, ClassRef)>) {
        self.heirs.get_or_init(|| by_base(pairs));
    }

    /// The classes, in whatever file, that keep an SDK client in what they inherit from this one.
    pub(crate) fn heirs(&self, base: ClassRef) -> &[ClassRef] {
        let heirs = self.heirs.get().and_then(|h| h.get(&base));
        heirs.map_or(&[], Vec::as_slice)
    }

    /// Says which classes implement which base classes' methods, once, in the order of files.
    pub(crate) fn set_implementers(&self, pairs: Vec<(ClassRef, ClassRef)>) {
        self.implementers.get_or_init(|| by_base(pairs));
    }

    /// The classes, in whatever file, that implement a method that this one only declares.
    pub(crate) fn implementers(&self, base: ClassRef) -> &[ClassRef] {
        let all = self.implementers.get().and_then(|h| h.get(&base));
        all.map_or(&[], Vec::as_slice)
    }
}

/// Pairs of a base class and another class, by the base.
fn by_base(pairs: Vec<(ClassRef, ClassRef)>) -> FxHashMap<ClassRef, Vec<ClassRef>> {
    let mut out: FxHashMap<ClassRef, Vec<ClassRef>> = FxHashMap::default();
    for (base, class) in pairs {
        out.entry(base).or_default().push(class);
    }
    out
}
