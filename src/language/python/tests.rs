use proptest::prelude::*;

use super::*;
use crate::hir::dump::{dump, expr};
use crate::hir::{Expr, Piece};

fn dumped(text: &str) -> String {
    let facts = lower(text);
    assert!(facts.broken.is_empty(), "broken: {:?}", facts.broken);
    dump(&facts)
}

/// The value of the last store.
fn value(text: &str) -> String {
    let facts = lower(text);
    assert!(
        facts.broken.is_empty(),
        "broken: {:?} in {text}",
        facts.broken
    );
    let value = facts.writes.last().and_then(|w| w.value);
    value.map(|v| expr(&facts, v)).unwrap_or_default()
}

/// Runs on a thread with the stack that the pipeline's threads have.
fn on_pipeline_stack(f: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let thread = std::thread::Builder::new()
        .stack_size(crate::pipeline::STACK_BYTES)
        .spawn(f)?;
    assert!(thread.join().is_ok());
    Ok(())
}

#[test]
fn assignments() {
    insta::assert_snapshot!(dumped(r#"
a = b = f(1)
x: Annotated[str, "doc"] = "v"
y: int
p, (q, *r, s), t = value
[u, v] = value
a.b[0]["k"].c += 1
d[key] = 2
f().x = 3
self.m = 4
if (n := g()) > 3: pass
xs.append(n)
await xs.ys[0].push(1)
del xs
"#), @r##"
    s0 g0 set let a = f(1)
    s0 g0 set let b = f(1)
    s0 g0 set let x = "v"
    s0 g0 set let p = value[0]
    s0 g0 set let q = value[1][0]
    s0 g0 set let r = value[1]...
    s0 g0 set let s = value[1][-1]
    s0 g0 set let t = value[2]
    s0 g0 set let u = value[0]
    s0 g0 set let v = value[1]
    s0 g0 augment:+ a.b[0].k.c = 1
    s0 g0 set d[key] = 2
    s0 g0 set self.m = 4
    s0 g0 set let n = g()
    s0 g0 mutate:append xs = xs.append(n)
    s0 g0 mutate:push xs.ys[0] = xs.ys[0].push(1)
    "##);
}

#[test]
fn control_flow() {
    insta::assert_snapshot!(dumped(r#"
if a:
    x = 1
elif b:
    x = 2
else:
    x = 3
for i, (k, v) in pairs.items():
    s += v
else:
    z = s
while go():
    w = 1
try:
    t = 1
except (A, B) as e:
    t = 2
except C:
    t = 3
else:
    t = 4
finally:
    t = 5
with open(p) as f, lock, g() as (h, j):
    d = f.read()
with (open(p) as f2, open(q) as g2):
    pass
"#), @r##"
    s0 g1 set let x = 1
    s0 g2 set let x = 2
    s0 g3 set let x = 3
    s0 g4 iterate let i = pairs.items()[0]
    s0 g4 iterate let k = pairs.items()[1][0]
    s0 g4 iterate let v = pairs.items()[1][1]
    s0 g4 augment:+ let s = v
    s0 g5 set let z = s
    s0 g6 set let w = 1
    s0 g7 set let t = 1
    s0 g8 catch let e = [A, B]
    s0 g8 set let t = 2
    s0 g9 set let t = 3
    s0 g7 set let t = 4
    s0 g0 set let t = 5
    s0 g0 context let f = open(p)
    s0 g0 context let h = g()[0]
    s0 g0 context let j = g()[1]
    s0 g0 set let d = f.read()
    s0 g0 context let f2 = open(p)
    s0 g0 context let g2 = open(q)
    "##);
}

#[test]
fn matching() {
    insta::assert_snapshot!(dumped(r#"
match reply.kind, 1:
    case "a", other:
        x = 1
match reply:
    case "yes" | "y":
        x = 1
    case Color.RED if strict:
        x = 2
    case -1:
        x = 3
    case {"k": v, **rest}:
        x = v
    case [first, *mid, last]:
        x = first
    case Point(px, y=py) as whole:
        x = px
    case _:
        x = 4
"#), @r##"
    s0 g1 set let other = [reply.kind, 1][1]
    s0 g1 set let x = 1
    s0 g2 set let x = 1
    s0 g3 set let x = 2
    s0 g4 set let x = 3
    s0 g5 set let v = reply.k
    s0 g5 set let rest = reply...
    s0 g5 set let x = v
    s0 g6 set let first = reply[0]
    s0 g6 set let mid = reply...
    s0 g6 set let last = reply[-1]
    s0 g6 set let x = first
    s0 g7 set let px = reply[*]
    s0 g7 set let py = reply.y
    s0 g7 set let whole = reply
    s0 g7 set let x = px
    s0 g8 set let x = 4
    "##);
    let facts = lower("match a:\n  case 1: b = 2\n  case 'x': b = 4\n  case _: b = 3\n");
    let tests: Vec<_> = facts
        .guards
        .iter()
        .map(|g| (g.exhaustive, g.test.map(|t| expr(&facts, t))))
        .collect();
    insta::assert_debug_snapshot!(tests, @r##"
    [
        (
            0,
            None,
        ),
        (
            3,
            Some(
                "(a == 1)",
            ),
        ),
        (
            3,
            Some(
                "(a == \"x\")",
            ),
        ),
        (
            3,
            None,
        ),
    ]
    "##);
}

#[test]
fn functions_and_classes() {
    insta::assert_snapshot!(dumped(r#"
class Extractor(Base, metaclass=Meta):
    """Doc."""
    prompt: str = "Sort {x}"
    model = "m"
    count: int

    def __init__(self, client: OpenAI, *, model="x", **kw):
        self.client: openai.OpenAI = client
        self.history = []

    @classmethod
    def make(cls, a, /, b: Optional[str] = None, *args): return cls(a)

    @staticmethod
    def helper(x): return x

    @property
    def name(self) -> str: ...

    async def ask(self, q):
        global TOTAL
        TOTAL = 1
        def inner():
            nonlocal q
            q = 2
            yield q
        if q:
            return await self.client.chat(q)
        raise ValueError("bad")

class Kind(str, Enum):
    A = "a"

@agent.tool(retries=2)
def stub(x):
    """Docstring {x}."""
    raise NotImplementedError("later")

double = lambda n, m=2: n * m
"#), @r##"
    class#0 Class Extractor(Base) methods=[0, 1, 2, 3, 4]
      field prompt: str = "Sort {x}"
      field model:  = "m"
      field count: int = 
      field client: openai.OpenAI = 
    class#1 Enum Kind(str, Enum) methods=[]
      field A:  = "a"
    fn#0 __init__(self:Receiver, client:Positional:OpenAI, model:Keyword="x", kw:KeywordRest) owner=Some(0) attrs=[] stub=false -> 
    fn#1 make(cls:Receiver, a:Positional, b:Positional:str=null, args:Rest) owner=Some(0) attrs=["classmethod"] stub=false -> cls(a)
    fn#2 helper(x:Positional) owner=Some(0) attrs=["staticmethod"] stub=false -> x
    fn#3 name(self:Receiver) owner=Some(0) attrs=["property"] stub=true -> 
    fn#4 ask(self:Receiver, q:Positional) owner=Some(0) attrs=[] stub=false -> self.client.chat(q)
    fn#5 inner() owner=None attrs=[] stub=false -> q
    fn#6 stub(x:Positional) owner=None attrs=["agent.tool"] stub=true -> 
    fn#7 double(n:Positional, m:Positional=2) owner=None attrs=[] stub=false -> (n op m)
    s1 g0 set let prompt = "Sort {x}"
    s1 g0 set let model = "m"
    s2 g1 param(0) let self = 
    s2 g1 param(1) let client = 
    s2 g1 param(2) let model = 
    s2 g1 param(3) let kw = 
    s2 g1 set self.client = client
    s2 g1 set self.history = []
    s1 g0 function(functionid(0)) let __init__ = 
    s3 g2 param(0) let cls = 
    s3 g2 param(1) let a = 
    s3 g2 param(2) let b = 
    s3 g2 param(3) let args = 
    s1 g0 function(functionid(1)) let make = 
    s4 g3 param(0) let x = 
    s1 g0 function(functionid(2)) let helper = 
    s5 g4 param(0) let self = 
    s1 g0 function(functionid(3)) let name = 
    s6 g5 param(0) let self = 
    s6 g5 param(1) let q = 
    s0 g5 set let TOTAL = 1
    s6 g6 set q = 2
    s6 g5 function(functionid(5)) let inner = 
    s1 g0 function(functionid(4)) let ask = 
    s0 g0 class(classid(0)) let Extractor = 
    s8 g0 set let A = "a"
    s0 g0 class(classid(1)) let Kind = 
    s9 g8 param(0) let x = 
    s0 g0 function(functionid(6)) let stub = 
    s10 g9 param(0) let n = 
    s10 g9 param(1) let m = 
    s0 g0 set let double = fn#7
    "##);
}

#[test]
fn imports() {
    insta::assert_snapshot!(dumped(r#"
from __future__ import annotations
import os, a.b.c
import a.b as ab
from . import prompts
from ..pkg.mod import (X, Y as Z,)
from m import *
if TYPE_CHECKING:
    from t import T
"#), @r##"
    import __future__ Name("annotations") as annotations
    import os Module as os
    import a Module as a
    import a.b.c Module as a.b.c
    import a.b Module as ab
    import . Name("prompts") as prompts
    import ..pkg.mod Name("X") as X
    import ..pkg.mod Name("Y") as Z
    import m Star as 
    import t Name("T") as T
    s0 g0 import(importid(0)) let annotations = 
    s0 g0 import(importid(1)) let os = 
    s0 g0 import(importid(2)) let a = 
    s0 g0 import(importid(3)) let a.b.c = 
    s0 g0 import(importid(4)) let ab = 
    s0 g0 import(importid(5)) let prompts = 
    s0 g0 import(importid(6)) let X = 
    s0 g0 import(importid(7)) let Z = 
    s0 g1 import(importid(9)) let T =
    "##);
}

#[test]
fn expressions() {
    for (source, expected) in [
        (
            "x = a.b(c, *d, k=1, **e)[0].f",
            "a.b(c, ...d, k=1, ...e)[0].f",
        ),
        (
            "x = f(i for i in xs if i if j)",
            "f(each(i of xs if (i and j)))",
        ),
        (
            "x = [a for b in c for a in b if a]",
            "each(each(a of b if a) of c)",
        ),
        ("x = {k: v for k, v in d}", "each({[k]: v} of d)"),
        (
            "x = {'a': 1, b: 2, **c, 3: 4, f'{k}': 5}",
            "{\"a\": 1, [b]: 2, ...c, [3]: 4, [\"{k}\"]: 5}",
        ),
        ("x = [1, *a], (2,), {3}, ()", "[[1, ...a], [2], [3], []]"),
        ("x = a if b else c", "choice(b ? a | c)"),
        ("x = a and b or not c", "((a and b) or not c)"),
        ("x = a < b <= c", "((a < b) and (b < c))"),
        (
            "x = a in b, a not in b, a is None, a is not None",
            "[(a in b), (a not in b), (a == null), (a != null)]",
        ),
        ("x = -a + b % c | d ** 2", "((-a + (b % c)) | (d op 2))"),
        ("x = (await f((yield))).y", "f(opaque:yield()).y"),
        (
            "x = a[1:2], a[::3], a[1, 2], a[-1], a[...]",
            "[a[opaque:slice(1, 2, null)], a[opaque:slice(null, null, 3)], a[[1, 2]], a[-1], a[null]]",
        ),
        ("x = lambda: 0", "fn#0"),
        ("x = print('a')", "print(\"a\")"),
        ("x = 'a' \"b\" f'c{d}'", "\"abc{d}\""),
        ("x = ('a'  # why\n  'b')", "\"ab\""),
        (
            "x = f'{a!r:>{w}} {b:.2f} {{c}} {d=}'",
            "\"{a:!r:>{w}} {b::.2f} {c} d={d}\"",
        ),
        (
            "x = rf'\\d{a}' + b'\\x41' + u'\\u00e9'",
            "((\"\\\\d{a}\" + \"A\") + \"é\")",
        ),
        ("x = f'{f\"{a}b\"}'", "\"{\"{a}b\"}\""),
        ("x = f\"{d[\"k\"]}\"", "\"{d[\"k\"]}\""),
        ("x = f'''{\n  a\n}'''", "\"{a}\""),
        ("x = '''a\\\nb'''", "\"ab\""),
        (
            "x = '\\N{BULLET}\\101\\q\\'\\x41\\U0001F600'",
            "\"•A\\\\q\\'A😀\"",
        ),
        ("x = r'\\n\\''", "\"\\\\n\\\\\\'\""),
        ("x = ''", "\"\""),
        ("x = t'{a}'", "\"{a}\""),
        ("x = 1_000, 1.5e3, True, None", "[1_000, 1.5e3, true, null]"),
    ] {
        assert_eq!(value(source), expected, "{source}");
    }
}

#[test]
fn docstrings_and_stubs() {
    let facts = lower(
        "class C:\n  'doc'\n  def f(self):\n    \"\"\"Sort\n    {x}.\"\"\"\n    return 'no'\n",
    );
    let text = |id: Option<ExprId>| id.map(|e| expr(&facts, e));
    assert_eq!(text(facts.classes[0].doc).as_deref(), Some("\"doc\""));
    assert_eq!(
        text(facts.functions[0].doc).as_deref(),
        Some("\"Sort\\n    {x}.\"")
    );
    assert!(!facts.functions[0].is_stub);
}

#[test]
fn types_are_read() {
    let parsed = |t: &str| {
        fn show(t: &crate::hir::TypeRef) -> String {
            let mut s = t.heads.join("|");
            if !t.args.is_empty() {
                s += &format!(
                    "[{}]",
                    t.args.iter().map(show).collect::<Vec<_>>().join(", ")
                );
            }
            t.literals.iter().for_each(|l| s += &format!(" {l:?}"));
            s
        }
        show(&types::parse(t))
    };
    for (source, expected) in [
        ("str", "str"),
        ("openai.OpenAI | None", "openai.OpenAI"),
        ("Optional[list[int]]", "list[int]"),
        ("typing.Union[str, 'Foo', None]", "str|Foo"),
        ("Annotated[str, Field(description='a, b]'), 3]", "str"),
        ("Awaitable[Dict[str, List[int]]]", "Dict[str, List[int]]"),
        ("Literal['a', \"b\", 1]", " \"a\" \"b\""),
        ("Callable[[int, str], bool]", "Callable[, bool]"),
        ("\"Optional[Foo]\"", "Foo"),
        ("list[  # why\n int\n]", "list[int]"),
        ("][,(", ""),
    ] {
        assert_eq!(parsed(source), expected, "{source}");
    }
    parsed(&"a[".repeat(10_000));
    parsed(&"(".repeat(10_000));
    parsed(&"\"'".repeat(10_000));
}

#[test]
fn errors_lose_only_themselves() {
    let facts = lower("a = 1\ndef f(x:\n  b = 'in'\nc = [1, 2\nd = f(3)\n# end\n");
    assert!(!facts.broken.is_empty());
    assert!(facts.writes.iter().any(|w| w.root == "a"));
    assert_eq!(facts.comments.len(), 1);
    let facts = lower("x = f(prompt='p', = 3)\ny = 2\n");
    assert!(!facts.broken.is_empty());
    assert!(facts.writes.iter().any(|w| w.root == "y"));
}

#[test]
fn comments_are_listed() {
    let text = "# a\nx = f(  # b\n  '# no', f'{y}# no')\nif x:  # c\n  pass\n  # d\n";
    let facts = lower(text);
    let found: Vec<_> = facts.comments.iter().map(|s| &text[s.range()]).collect();
    assert_eq!(found, ["# a", "# b", "# c", "# d"]);
}

#[test]
fn long_chains_and_deep_nesting() -> std::io::Result<()> {
    const N: usize = 100_000;
    on_pipeline_stack(|| {
        let chains = [
            format!("x = {}\n", vec!["a"; N].join(" + ")),
            format!("x = {}\n", vec!["a"; N].join(" and ")),
            format!("x = {}\n", vec!["a"; N].join(" < ")),
            format!("x = a{}\n", ".b()".repeat(N)),
            format!("x = a{}\n", "[0]".repeat(N)),
            format!("x = {}\n", "'a' ".repeat(N)),
            format!("{}1\n", "x = ".repeat(N)),
            format!("if a:\n  x = 1\n{}", "elif b:\n  x = 2\n".repeat(N)),
            format!("{}x = 1\n", "if a:\n  b\nelse:\n  c\n".repeat(N)),
        ];
        for text in chains {
            let facts = lower(&text);
            assert!(facts.broken.is_empty(), "{}", &text[..30]);
            assert!(facts.writes.iter().any(|w| w.root == "x"));
        }
        let deep = [
            format!("x = {}1{}\n", "(".repeat(N), ")".repeat(N)),
            format!("x = {}1{}\n", "[".repeat(N), "]".repeat(N)),
            format!("x = {}1{}\n", "f(".repeat(N), ")".repeat(N)),
            format!("x = {}1\n", "not ".repeat(N)),
            format!("x = {}1\n", "lambda: ".repeat(N)),
            format!("x = {}1\n", "a if b else ".repeat(N)),
            format!("{}x{} = 1\n", "(".repeat(N), ")".repeat(N)),
            format!("{}x{} = y\n", "[".repeat(N), "]".repeat(N)),
            "(".repeat(N),
            "[".repeat(N),
            "f(".repeat(N),
            "{a:".repeat(N),
            "\\\n".repeat(N),
        ];
        for text in deep {
            let _ = lower(&text);
        }
    })
}

/// A stretch of a string literal: as written between quotes, and what it stands for.
fn stretch() -> impl Strategy<Value = (String, String)> {
    let plain = "[a-z é€😀{}#%]{1,6}".prop_map(|s| (s.clone(), s));
    let escaped = prop_oneof![
        Just(("\\n", "\n")),
        Just(("\\t", "\t")),
        Just(("\\\\", "\\")),
        Just(("\\'", "'")),
        Just(("\\\"", "\"")),
        Just(("\\\n", "")),
        Just(("\\q", "\\q")),
        Just(("\\7", "\u{7}")),
        Just(("\\x4a", "J")),
        Just(("\\N{BULLET}", "•")),
        Just(("\r\n", "\n")),
    ]
    .prop_map(|(a, b)| (a.to_owned(), b.to_owned()));
    let unicode = any::<char>().prop_map(|c| (format!("\\U{:08x}", u32::from(c)), c.to_string()));
    prop_oneof![plain, escaped, unicode]
}

proptest! {
    #[test]
    fn literals_decode_to_what_they_stand_for(
        parts in prop::collection::vec(stretch(), 0..12),
        format in any::<bool>(),
    ) {
        let mut source = String::new();
        let mut wanted = String::new();
        for (written, value) in &parts {
            let braces = format && !written.starts_with('\\');
            let written = if braces { written.replace('{', "{{").replace('}', "}}") } else { written.clone() };
            source.push_str(&written);
            wanted.push_str(value);
        }
        let prefix = if format { "f" } else { "" };
        let text = format!("x = {prefix}\"\"\"{source}\"\"\"\n");
        let facts = lower(&text);
        prop_assert!(facts.broken.is_empty());
        let mut got = String::new();
        for e in &facts.exprs {
            let Expr::Text { pieces, raw } = &e.kind else { continue };
            prop_assert_eq!(*raw, !format);
            for p in pieces {
                let Piece::Literal(l) = p else { continue };
                got.push_str(&l.text);
                prop_assert_eq!(l.runs.first().map(|r| r.at), Some(0));
                for (i, run) in l.runs.iter().enumerate() {
                    let end = l.runs.get(i + 1).map_or(l.text.len(), |r| r.at as usize);
                    let decoded = &l.text[run.at as usize..end];
                    let here = &text[run.source as usize..];
                    prop_assert!(here.starts_with(decoded) || here.starts_with('\\'), "{:?} {:?}", decoded, here);
                }
            }
        }
        prop_assert_eq!(got, wanted);
    }

    #[test]
    fn any_text_is_lowered(text in "([a-z=(){}\\[\\]:,.#@*\\\\ \n\t\r'\"]|f'|f\"\"\"|\\{|é|😀|\0|if |else:|def |class |match |case |for | in |lambda |return |import |from |with | as |\n  ){0,60}") {
        let facts = lower(&text);
        let spans = facts.exprs.iter().map(|e| e.span)
            .chain(facts.writes.iter().map(|w| w.span))
            .chain(facts.comments.iter().copied())
            .chain(facts.broken.iter().copied());
        for span in spans {
            prop_assert!(text.get(span.range()).is_some(), "{:?}", span);
        }
        for e in &facts.exprs {
            if let Expr::Text { pieces, .. } = &e.kind {
                for p in pieces {
                    let span = match p {
                        Piece::Literal(l) => l.span,
                        Piece::Hole { span, .. } => *span,
                    };
                    prop_assert!(text.get(span.range()).is_some());
                }
            }
            let at = facts.exprs.iter().position(|o| std::ptr::eq(o, e)).unwrap_or(0);
            e.kind.each_kid(|k| assert!(k.index() < at));
        }
    }
}
