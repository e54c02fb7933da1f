//! Builtin functions and standard constructors of the three languages, by dotted name.

use crate::resolve::eval::{Evaluator, is_texty};
use crate::resolve::value::{ArgValue, ExprRef, Rope, Value};

/// Functions whose value reads like their first argument.
const GIVES_ARGUMENT: &[&str] = &[
    "str",
    "String",
    "encodeURIComponent",
    "encodeURI",
    "textwrap.dedent",
    "dedent",
    "inspect.cleandoc",
    "cleandoc",
    "list",
    "tuple",
    "sorted",
    "reversed",
    "Array.from",
    "copy.deepcopy",
    "copy.copy",
    "deepcopy",
    "structuredClone",
    "asyncio.run",
    "asyncio.wait_for",
    "asyncio.create_task",
    "String.from",
    "Some",
    "Box.new",
    "Arc.new",
    "Rc.new",
    "Cow.from",
    "Cow.Borrowed",
    "Object.freeze",
    "textwrap.fill",
    "iter",
    "Promise.resolve",
    "ts-dedent.dedent",
    "dedent.default",
    "outdent.default",
    "ts-dedent.default",
    "Mutex.new",
    "RwLock.new",
    "OnceCell.from",
    "Vec.from",
    "std.string.String.from",
];

impl Evaluator<'_> {
    /// A builtin function.
    pub(crate) fn builtin(&self, dotted: &str, args: &[ArgValue], at: ExprRef) -> Option<Value> {
        // No name is in two of these groups.
        self.conversion(dotted, args, at)
            .or_else(|| self.collection_builtin(dotted, args, at))
            .or_else(|| self.file_builtin(dotted, args, at))
    }

    /// Functions that give text, or what they are given in another wrapping.
    fn conversion(&self, dotted: &str, args: &[ArgValue], at: ExprRef) -> Option<Value> {
        let first = args.first().map(|a| &a.value);
        let last = dotted.rsplit('.').next().unwrap_or(dotted);
        match dotted {
            // A list of texts as text; any other is data.
            "str" | "String" if let Some(list @ Value::List(l)) = first => l
                .items
                .iter()
                .all(is_texty)
                .then(|| self.join(&Value::text(Rope::unmapped(", ")), list, None)),
            _ if GIVES_ARGUMENT.contains(&dotted) => first.cloned(),
            // `cast(T, value)`
            "typing.cast" | "cast" => Some(args.get(1)?.value.clone()),
            // `anyhow::Ok`
            _ if last == "Ok" => first.cloned(),
            _ if last == "new"
                && ["LazyLock.new", "LazyCell.new", "Lazy.new"]
                    .iter()
                    .any(|l| dotted.ends_with(l)) =>
            {
                match first? {
                    Value::Function(f) => Some(self.call_function(f, &[], at)),
                    v => Some(v.clone()),
                }
            }
            "io.StringIO" | "StringIO" => Some(
                first
                    .filter(|v| is_texty(v))
                    .cloned()
                    .unwrap_or_else(|| Value::text(Rope::default())),
            ),
            "String.new" | "str.new" | "String.with_capacity" => Some(Value::text(Rope::default())),
            "importlib.import_module" | "import_module" => {
                let module = self.literal(first?)?;
                Some(Value::external(&module, &[]))
            }
            "os.getenv" | "getenv" | "os.environ.get" | "environ.get" if args.len() == 2 => {
                Some(args[1].value.clone()).filter(is_texty)
            }
            // What is replaced by a pattern is a placeholder, white space, a directive: the text stays.
            "re.sub" | "re.subn" => Some(args.get(2)?.value.clone()),
            _ if matches!(
                last,
                "from_utf8" | "from_utf8_lossy" | "from_utf8_unchecked"
            ) =>
            {
                first.filter(|v| is_texty(v)).cloned()
            }
            _ if holds_its_argument(dotted) => first.cloned(),
            _ => None,
        }
    }
}

/// Whether a constructor of Rust's standard library, written with or without its path, makes
/// something that reads like what it is given.
fn holds_its_argument(dotted: &str) -> bool {
    let mut parts = dotted.rsplit(['.', ':']).filter(|p| !p.is_empty());
    let (Some(function), Some(ty)) = (parts.next(), parts.next()) else {
        return false;
    };
    match ty {
        "Box" | "Arc" | "Rc" | "Cell" | "RefCell" | "Mutex" | "RwLock" | "OnceLock"
        | "OnceCell" | "Pin" => matches!(function, "new" | "from" | "pin"),
        "String" | "Vec" | "VecDeque" => function == "from",
        "Cow" => matches!(function, "Borrowed" | "Owned" | "from"),
        _ => false,
    }
}
