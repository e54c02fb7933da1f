//! The node kinds and fields of the Python grammar that lowering looks at, as an enum and as ids,
//! so that no string is compared per node.

use std::sync::LazyLock;

use tree_sitter::{Language, Node};

macro_rules! kinds {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// The kind of a named node.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind {
            $(#[doc = $text] $name,)*
            /// A place the parser could not read.
            Error,
            /// Any other kind.
            Other,
        }

        fn kind_named(text: &str) -> Kind {
            match text {
                $($text => Kind::$name,)*
                _ => Kind::Other,
            }
        }
    };
}

kinds! {
    Module = "module",
    Block = "block",
    Comment = "comment",
    LineContinuation = "line_continuation",
    ExpressionStatement = "expression_statement",
    Assignment = "assignment",
    AugmentedAssignment = "augmented_assignment",
    Import = "import_statement",
    ImportFrom = "import_from_statement",
    FutureImport = "future_import_statement",
    AliasedImport = "aliased_import",
    WildcardImport = "wildcard_import",
    DottedName = "dotted_name",
    Return = "return_statement",
    Delete = "delete_statement",
    Raise = "raise_statement",
    Pass = "pass_statement",
    Break = "break_statement",
    Continue = "continue_statement",
    Global = "global_statement",
    Nonlocal = "nonlocal_statement",
    Print = "print_statement",
    Exec = "exec_statement",
    Assert = "assert_statement",
    TypeAlias = "type_alias_statement",
    If = "if_statement",
    Elif = "elif_clause",
    Else = "else_clause",
    For = "for_statement",
    While = "while_statement",
    Try = "try_statement",
    Except = "except_clause",
    Finally = "finally_clause",
    With = "with_statement",
    WithClause = "with_clause",
    WithItem = "with_item",
    Match = "match_statement",
    Case = "case_clause",
    CasePattern = "case_pattern",
    ClassPattern = "class_pattern",
    SplatPattern = "splat_pattern",
    UnionPattern = "union_pattern",
    DictPattern = "dict_pattern",
    KeywordPattern = "keyword_pattern",
    FunctionDefinition = "function_definition",
    ClassDefinition = "class_definition",
    Decorated = "decorated_definition",
    Decorator = "decorator",
    Identifier = "identifier",
    TypedParameter = "typed_parameter",
    DefaultParameter = "default_parameter",
    TypedDefaultParameter = "typed_default_parameter",
    KeywordSeparator = "keyword_separator",
    PositionalSeparator = "positional_separator",
    ListSplatPattern = "list_splat_pattern",
    DictionarySplatPattern = "dictionary_splat_pattern",
    TuplePattern = "tuple_pattern",
    ListPattern = "list_pattern",
    PatternList = "pattern_list",
    AsPattern = "as_pattern",
    AsPatternTarget = "as_pattern_target",
    ExpressionList = "expression_list",
    NamedExpression = "named_expression",
    Parenthesized = "parenthesized_expression",
    Await = "await",
    Binary = "binary_operator",
    Boolean = "boolean_operator",
    Comparison = "comparison_operator",
    Not = "not_operator",
    Unary = "unary_operator",
    Conditional = "conditional_expression",
    Lambda = "lambda",
    Attribute = "attribute",
    Subscript = "subscript",
    Slice = "slice",
    Call = "call",
    ArgumentList = "argument_list",
    KeywordArgument = "keyword_argument",
    ListSplat = "list_splat",
    DictionarySplat = "dictionary_splat",
    Yield = "yield",
    List = "list",
    Tuple = "tuple",
    Set = "set",
    Dictionary = "dictionary",
    Pair = "pair",
    ListComprehension = "list_comprehension",
    SetComprehension = "set_comprehension",
    DictionaryComprehension = "dictionary_comprehension",
    Generator = "generator_expression",
    ForIn = "for_in_clause",
    IfClause = "if_clause",
    String = "string",
    StringStart = "string_start",
    StringEnd = "string_end",
    ConcatenatedString = "concatenated_string",
    Interpolation = "interpolation",
    FormatSpecifier = "format_specifier",
    FormatExpression = "format_expression",
    Integer = "integer",
    Float = "float",
    True = "true",
    False = "false",
    None = "none",
    Ellipsis = "ellipsis",
}

/// Ids of the fields that lowering reads.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) alias: u16,
    pub(super) alternative: u16,
    pub(super) argument: u16,
    pub(super) arguments: u16,
    pub(super) attribute: u16,
    pub(super) body: u16,
    pub(super) condition: u16,
    pub(super) consequence: u16,
    pub(super) definition: u16,
    pub(super) expression: u16,
    pub(super) format_specifier: u16,
    pub(super) function: u16,
    pub(super) guard: u16,
    pub(super) key: u16,
    pub(super) left: u16,
    pub(super) module_name: u16,
    pub(super) name: u16,
    pub(super) object: u16,
    pub(super) operator: u16,
    pub(super) parameters: u16,
    pub(super) return_type: u16,
    pub(super) right: u16,
    pub(super) subject: u16,
    pub(super) subscript: u16,
    pub(super) superclasses: u16,
    pub(super) ty: u16,
    pub(super) type_conversion: u16,
    pub(super) value: u16,
}

/// The grammar with its tables.
#[derive(Debug)]
pub(super) struct Grammar {
    /// The tree-sitter language.
    pub(super) language: Language,
    kinds: Vec<Kind>,
    /// See [`Fields`].
    pub(super) fields: Fields,
}

/// The Python grammar.
pub(super) static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    let language = Language::new(tree_sitter_python::LANGUAGE);
    let kinds = (0..u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX))
        .map(|id| {
            if language.node_kind_is_named(id) {
                kind_named(language.node_kind_for_id(id).unwrap_or_default())
            } else {
                Kind::Other
            }
        })
        .collect();
    // Id 0 is no field: a name missing from the grammar finds no child.
    let field = |name: &str| language.field_id_for_name(name).map_or(0, Into::into);
    let fields = Fields {
        alias: field("alias"),
        alternative: field("alternative"),
        argument: field("argument"),
        arguments: field("arguments"),
        attribute: field("attribute"),
        body: field("body"),
        condition: field("condition"),
        consequence: field("consequence"),
        definition: field("definition"),
        expression: field("expression"),
        format_specifier: field("format_specifier"),
        function: field("function"),
        guard: field("guard"),
        key: field("key"),
        left: field("left"),
        module_name: field("module_name"),
        name: field("name"),
        object: field("object"),
        operator: field("operator"),
        parameters: field("parameters"),
        return_type: field("return_type"),
        right: field("right"),
        subject: field("subject"),
        subscript: field("subscript"),
        superclasses: field("superclasses"),
        ty: field("type"),
        type_conversion: field("type_conversion"),
        value: field("value"),
    };
    Grammar {
        language,
        kinds,
        fields,
    }
});

/// The kind of a node.
pub(super) fn kind(node: Node<'_>) -> Kind {
    if node.is_error() {
        return Kind::Error;
    }
    GRAMMAR
        .kinds
        .get(usize::from(node.kind_id()))
        .copied()
        .unwrap_or(Kind::Other)
}
