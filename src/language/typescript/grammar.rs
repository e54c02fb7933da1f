//! The two grammars: parsers reused per thread, and the ids of their fields.

use std::cell::RefCell;
use std::sync::LazyLock;

use tree_sitter::{Language, Parser, Tree};

macro_rules! fields {
    ($($field:ident = $name:literal),* $(,)?) => {
        /// Ids of the grammar's fields; looking one up by name at every node would cost more than
        /// the rest of the walk.
        #[derive(Debug)]
        pub(super) struct Fields { $(pub(super) $field: u16),* }

        impl Fields {
            fn of(language: &Language) -> Self {
                // An unknown name gives an id that no node has.
                let id = |name: &str| language.field_id_for_name(name).map_or(u16::MAX, std::num::NonZero::get);
                Self { $($field: id($name)),* }
            }
        }
    };
}
fields! {
    alias = "alias",
    alternative = "alternative",
    arguments = "arguments",
    body = "body",
    condition = "condition",
    consequence = "consequence",
    constructor = "constructor",
    declaration = "declaration",
    finalizer = "finalizer",
    function = "function",
    handler = "handler",
    increment = "increment",
    index = "index",
    initializer = "initializer",
    key = "key",
    kind = "kind",
    left = "left",
    name = "name",
    object = "object",
    open_tag = "open_tag",
    operator = "operator",
    parameter = "parameter",
    parameters = "parameters",
    pattern = "pattern",
    property = "property",
    return_type = "return_type",
    right = "right",
    source = "source",
    ty = "type",
    type_arguments = "type_arguments",
    value = "value",
}

static TSX: LazyLock<(Language, Fields)> = LazyLock::new(|| {
    let language = Language::new(tree_sitter_typescript::LANGUAGE_TSX);
    let fields = Fields::of(&language);
    (language, fields)
});
static TYPESCRIPT: LazyLock<(Language, Fields)> = LazyLock::new(|| {
    let language = Language::new(tree_sitter_typescript::LANGUAGE_TYPESCRIPT);
    let fields = Fields::of(&language);
    (language, fields)
});

thread_local! {
    static PARSERS: [RefCell<Option<Parser>>; 2] = const { [RefCell::new(None), RefCell::new(None)] };
}

/// The tree of a text and the fields of the grammar that made it; `None` where the grammar cannot
/// be loaded.
pub(super) fn parse(text: &str, tsx: bool) -> Option<(Tree, &'static Fields)> {
    let grammar: &'static (Language, Fields) = if tsx { &TSX } else { &TYPESCRIPT };
    let tree = PARSERS.with(|parsers| {
        let mut slot = parsers[usize::from(tsx)].try_borrow_mut().ok()?;
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&grammar.0).ok()?;
            *slot = Some(parser);
        }
        slot.as_mut()?.parse(text, None)
    })?;
    Some((tree, &grammar.1))
}
