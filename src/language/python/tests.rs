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
    assert!(facts.broken.is_empty(), "broken: {:?} in {text}", facts.broken);
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
"#), @"");
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
"#), @"");
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
"#), @"");
    let facts = lower("match a:\n  case 1: b = 2\n  case 'x': b = 4\n  case _: b = 3\n");
    let tests: Vec<_> = facts
        .guards
        .iter()
        .map(|g| (g.exhaustive, g.test.map(|t| expr(&facts, t))))
        .collect();
    insta::assert_debug_snapshot!(tests, @"");
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
"#), @"");
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
"#), @"");
}

#[test]
fn expressions() {
    for (source, expected) in [
        ("x = a.b(c, *d, k=1, **e)[0].f", ""),
        ("x = f(i for i in xs if i if j)", ""),
        ("x = [a for b in c for a in b if a]", ""),
        ("x = {k: v for k, v in d}", ""),
        ("x = {'a': 1, b: 2, **c, 3: 4, f'{k}': 5}", ""),
        ("x = [1, *a], (2,), {3}, ()", ""),
        ("x = a if b else c", ""),
        ("x = a and b or not c", ""),
        ("x = a < b <= c", ""),
        ("x = a in b, a not in b, a is None, a is not None", ""),
        ("x = -a + b % c | d ** 2", ""),
        ("x = (await f((yield))).y", ""),
        ("x = a[1:2], a[::3], a[1, 2], a[-1], a[...]", ""),
        ("x = lambda: 0", ""),
        ("x = print('a')", ""),
        ("x = 'a' \"b\" f'c{d}'", ""),
        ("x = ('a'  # why\n  'b')", ""),
        ("x = f'{a!r:>{w}} {b:.2f} {{c}} {d=}'", ""),
        ("x = rf'\\d{a}' + b'\\x41' + u'\\u00e9'", ""),
        ("x = f'{f\"{a}b\"}'", ""),
        ("x = f\"{d[\"k\"]}\"", ""),
        ("x = f'''{\n  a\n}'''", ""),
        ("x = '''a\\\nb'''", ""),
        ("x = '\\N{BULLET}\\101\\q\\'\\x41\\U0001F600'", ""),
        ("x = r'\\n\\''", ""),
        ("x = ''", ""),
        ("x = t'{a}'", ""),
        ("x = 1_000, 1.5e3, True, None", ""),
    ] {
        let got = value(source);
        if got != expected { eprintln!("        ({source:?}, {got:?}),"); }
    }
}
