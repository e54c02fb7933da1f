//! Dumps of the main constructs.

use super::facts;
use crate::hir::dump::dump;
use crate::hir::{Expr, GuardKind};
use crate::language::typescript::lower;

#[test]
fn calls_and_templates() {
    insta::assert_snapshot!(facts(r#"
const reply = await client.chat.completions.create({
  model: "m",
  messages: [{ role: "user", content: `Sort ${items.join(", ")} now` }, ...history],
  [key]: 1, ["literal"]: 2, shorthand, "quoted-key": 3, async run(x) { return x }, get v() { return 1 },
});
const { choices: [{ message: { content = "none" } = {} }], ...others } = reply!;
const run = openai?.responses?.create<Out>(...args) ?? (fallback as string);
const q = gql`query ${id}`; const raw = String.raw`\d${n}`;
const made = new Client<T>({ apiKey: process.env.KEY! });
"#), @r##"
fn#0 run(x:Positional) owner=None attrs=[] stub=false -> x
fn#1 v() owner=None attrs=[] stub=false -> 1
s1 g1 param(0) let x = 
s0 g0 set let reply = client.chat.completions.create({"model": "m", "messages": [{"role": "user", "content": "Sort {items.join(", ")} now"}, ...history], [key]: 1, "literal": 2, "shorthand": shorthand, "quoted-key": 3, "run": fn#0, "v": fn#1})
s0 g0 set let content = reply.choices[0].message.content
s0 g0 set let others = reply...
s0 g0 set let run = (openai.responses.create<Out>(...args) ?? fallback)
s0 g0 set let q = gql("query {id}")
s0 g0 set let raw = "\\d{n}"
s0 g0 set let made = new Client<T>({"apiKey": process.env.KEY})
"##);
}

#[test]
fn functions_and_parameters() {
    insta::assert_snapshot!(facts(r#"
early("x");
/** Asks. */
async function early(a: string, b = 1, { c, d: { e = "f" }, ...g }: Opts = {}, [h]: string[], ...i: string[]): Promise<string | null> {
  var j = a + b;
  if (c) { return await j; }
  return `done`;
}
const arrow = async (p?: "x" | "y"): Promise<void> => ask(p);
const short = x => x + 1;
function* gen() { yield "a"; yield* rest; }
declare function stub(x: number): string;
items.map((item) => `- ${item}`);
export default { nested: { handler: function () { throw new Error("no"); } } };
"#), @r##"
export default Expr(ExprId(36))
fn#0 early(a:Positional:string, b:Positional=1, _:Positional:Opts={}, _:Positional:Array, i:Rest:Array) owner=None attrs=[] stub=false -> j ; "done"
fn#1 arrow(p:Positional:) owner=None attrs=[] stub=false -> ask(p)
fn#2 short(x:Positional) owner=None attrs=[] stub=false -> (x + 1)
fn#3 gen() owner=None attrs=[] stub=false -> "a" ; rest
fn#4 stub(x:Positional:number) owner=None attrs=[] stub=true -> 
fn#5 <anonymous>(item:Positional) owner=None attrs=[] stub=false -> "- {item}"
fn#6 handler() owner=None attrs=[] stub=true -> 
s0 g0 function(functionid(0)) let early = 
s0 g0 function(functionid(3)) let gen = 
s0 g0 function(functionid(4)) let stub = 
s1 g1 param(0) let a = 
s1 g1 param(1) let b = 
s1 g1 param(2) let c = .c
s1 g1 param(2) let e = .d.e
s1 g1 param(2) let g = ...
s1 g1 param(3) let h = [0]
s1 g1 param(4) let i = 
s1 g1 set let j = (a + b)
s3 g3 param(0) let p = 
s0 g0 set let arrow = fn#1
s4 g4 param(0) let x = 
s0 g0 set let short = fn#2
s6 g6 param(0) let x = 
s7 g7 param(0) let item = 
s0 g0 mutate:map items = items.map(fn#5)
"##);
}

#[test]
fn classes_and_types() {
    insta::assert_snapshot!(facts(r#"
@Agent({ instructions: "Be brief" })
export abstract class Service<T> extends base.Service<T> implements Runner, ns.Other<T> {
  static readonly PROMPT = "hello";
  private history: Message[] = [];
  #secret?: string;
  handle = async (x: string) => this.ask(x);
  constructor(private readonly llm: LLM, public name = "n", plain: number) { super(); }
  get title(): string { return this.name; }
  static create(): Service<any> { return new Service(x); }
  @tool("t") run(@Inject() q: Map<string, number>) { this.history.push(q); return this.llm.ask(q); }
  abstract missing(x: string): Promise<string>;
}
interface Runner extends Named { labels: ("a" | "b")[]; opt?: number | null; run(x: string): Promise<Readonly<Out>>; cb: () => void }
type Options = { kind: "x" | "y"; client: typeof openai } & Base;
type Alias = string;
enum Color { Red = "red", Green }
namespace Space { export const inside = 1; }
const Anonymous = class extends Base { m() { return 1 } };
"#), @r##"
export Service Local("Service")
class#0 Class Service(base.Service, Runner, ns.Other) methods=[0, 1, 2, 3, 4, 5]
  field PROMPT:  = "hello"
  field history: Array = []
  field #secret: string = 
  field handle:  = fn#0
  field llm: LLM = 
  field name:  = 
class#1 Interface Runner(Named) methods=[6]
  field labels: Array = 
  field opt: number = 
  field cb: function = 
class#2 Interface Options(Base) methods=[]
  field kind:  = 
  field client: typeof openai = 
class#3 Enum Color() methods=[]
  field Red:  = "red"
  field Green:  = 
class#4 Class Anonymous(Base) methods=[7]
fn#0 handle(x:Positional:string) owner=Some(0) attrs=[] stub=false -> this.ask(x)
fn#1 constructor(llm:Positional:LLM, name:Positional="n", plain:Positional:number) owner=Some(0) attrs=[] stub=false -> 
fn#2 title() owner=Some(0) attrs=[] stub=false -> this.name
fn#3 create() owner=Some(0) attrs=[] stub=false -> new Service(x)
fn#4 run(q:Positional:Map) owner=Some(0) attrs=["tool"] stub=false -> this.llm.ask(q)
fn#5 missing(x:Positional:string) owner=Some(0) attrs=[] stub=true -> 
fn#6 run(x:Positional:string) owner=Some(1) attrs=[] stub=true -> 
fn#7 m() owner=Some(4) attrs=[] stub=false -> 1
s0 g0 class(classid(1)) let Runner = 
s0 g0 class(classid(2)) let Options = 
s1 g0 set let PROMPT = "hello"
s1 g0 set let history = []
s2 g1 param(0) let x = 
s1 g0 set let handle = fn#0
s3 g2 param(0) let llm = 
s3 g2 param(1) let name = 
s3 g2 param(2) let plain = 
s3 g2 set this.llm = llm
s3 g2 set this.name = name
s6 g5 param(0) let q = 
s6 g5 mutate:push this.history = this.history.push(q)
s7 g6 param(0) let x = 
s0 g0 class(classid(0)) let Service = 
s9 g7 param(0) let x = 
s11 g0 set let Red = "red"
s0 g0 class(classid(3)) let Color = 
s12 g0 set let inside = 1
s0 g0 set let Anonymous = class#4
"##);
}

#[test]
fn modules() {
    insta::assert_snapshot!(facts(r#"
import def, { named, other as alias, default as again } from "pkg";
import * as space from "./space.js";
import "./effect";
import type { Type } from "./types";
import cfg = require("cfg");
const fs = require("node:fs"), { a, b: c } = require("./x"), d = require("./y").deep;
const { generateText } = await import("ai");
export * from "./all";
export * as ns from "./ns";
export { q as r, default } from "./q";
export { local as "public" };
export const one = 1, { two } = x;
export function three() { return 3 }
export class Four {}
export default named;
module.exports = { a }; module.exports.five = 5; exports.six = 6;
"#), @r##"
import pkg Default as def
import pkg Name("named") as named
import pkg Name("other") as alias
import pkg Default as again
import ./space.js Module as space
import ./effect SideEffect as 
import ./types Name("Type") as Type
import cfg Module as cfg
import node:fs Module as fs
import ./x Name("a") as a
import ./x Name("b") as c
import ./y Name("deep") as d
import ai Name("generateText") as generateText
export  Star { module: "./all" }
export ns Star { module: "./ns" }
export r From { module: "./q", name: "q" }
export default From { module: "./q", name: "default" }
export public Local("local")
export one Local("one")
export two Local("two")
export three Local("three")
export Four Local("Four")
export default Local("named")
export = Expr(ExprId(5))
export five Expr(ExprId(8))
export six Expr(ExprId(12))
class#0 Class Four() methods=[]
fn#0 three() owner=None attrs=[] stub=false -> 3
s0 g0 function(functionid(0)) let three = 
s0 g0 import(importid(0)) let def = 
s0 g0 import(importid(1)) let named = 
s0 g0 import(importid(2)) let alias = 
s0 g0 import(importid(3)) let again = 
s0 g0 import(importid(4)) let space = 
s0 g0 import(importid(6)) let Type = 
s0 g0 import(importid(7)) let cfg = 
s0 g0 import(importid(8)) let fs = 
s0 g0 import(importid(9)) let a = 
s0 g0 import(importid(10)) let c = 
s0 g0 import(importid(11)) let d = 
s0 g0 import(importid(12)) let generateText = 
s0 g0 set let one = 1
s0 g0 set let two = x.two
s0 g0 class(classid(0)) let Four = 
s0 g0 set module.exports = {"a": a}
s0 g0 set module.exports.five = 5
s0 g0 set exports.six = 6
"##);
}

#[test]
fn statements() {
    insta::assert_snapshot!(facts(r#"
let text = "a";
text += "b"; text ??= "c"; opts.messages[0].content = "d"; [x, y.z] = pair; ({ m, n: o = 1 } = obj);
if (a === 1) { p(1) } else if (b) { xs.push(2) } else { text = "e" }
switch (reply.kind) { case "a": case "b": f(); break; default: g(); }
for (let i = 0; i < 3; i++) { s += i }
for (const [k, { v }] of Object.entries(map)) use(k, v);
for (const key in obj) use(key);
for await (const chunk of stream) out += chunk.text;
while (more) { step() }
do { again() } while (left)
try { risky() } catch (error) { log(error) } finally { done() }
label: for (;;) { break label }
ready && queue.push(x); void list.add(1); await self.messages.push(3);
const n = cond ? "x" : other ? "y" : `z`;
const u = [!a, -b, typeof c, a in b, a instanceof B, a % 2, a | b, a && b || c, /re/g, null, undefined, 1_000, true];
"#), @r##"
s0 g0 set let text = "a"
s0 g0 augment:+ text = "b"
s0 g0 augment:?? text = "c"
s0 g0 set opts.messages[0].content = "d"
s0 g0 set x = pair[0]
s0 g0 set y.z = pair[1]
s0 g0 set m = obj.m
s0 g0 set o = obj.n
s0 g2 mutate:push xs = xs.push(2)
s0 g3 set text = "e"
s5 g0 set let i = 0
s0 g6 augment:+ s = i
s7 g7 iterate let k = Object.entries(map)[0]
s7 g7 iterate let v = Object.entries(map)[1].v
s8 g8 iterate let key = opaque:keys(obj)
s9 g9 iterate let chunk = stream
s0 g9 augment:+ out = chunk.text
s13 g13 catch let error = 
s0 g15 mutate:push queue = queue.push(x)
s0 g0 mutate:add list = list.add(1)
s0 g0 mutate:push self.messages = self.messages.push(3)
s0 g0 set let n = choice(cond ? "x" | choice(other ? "y" | "z"))
s0 g0 set let u = [not a, -b, opaque:typeof(c), (a in b), (a op B), (a % 2), (a | b), ((a and b) or c), opaque:regex(), null, null, 1_000, true]
"##);
}

#[test]
fn jsx_keeps_calls() {
    let text = r#"const el = <Chat prompt="Sort" {...rest} onClick={() => ask("x")}>Tom & Jerry {list.map(i => <li key={i}>{i}</li>)}<br/></Chat>;"#;
    let facts = lower(text, true);
    insta::assert_snapshot!(dump(&facts), @r##"
fn#0 <anonymous>() owner=None attrs=[] stub=false -> ask("x")
fn#1 <anonymous>(i:Positional) owner=None attrs=[] stub=false -> opaque:jsx_element(i, i)
s2 g2 param(0) let i = 
s0 g0 set let el = opaque:jsx_element("Sort", rest, fn#0, "Tom ", list.map(fn#1), opaque:jsx_self_closing_element())
"##);
    assert!(facts.broken.is_empty());
}

#[test]
fn errors_are_recorded_and_their_surroundings_lowered() {
    let facts = lower(
        "const a = ask('x';\nfoo({ b: 'c', % }); class { m() { ask('y') } }\nconst z = 'w';",
        false,
    );
    assert!(!facts.broken.is_empty());
    let dumped = dump(&facts);
    for text in ["\"x\"", "\"y\"", "\"c\"", "let z = \"w\""] {
        let lowered = facts.exprs.iter().enumerate().any(|(i, _)| {
            crate::hir::dump::expr(&facts, crate::hir::ExprId(u32::try_from(i).unwrap_or(0)))
                == text
        });
        assert!(lowered || dumped.contains(text), "{text} in {dumped}");
    }
}

#[test]
fn guards_and_comments() {
    let facts = lower(
        "// a\nif (x) { /* b */ y = 'http://c' } else { z() } switch (q) { case 1: w() }",
        false,
    );
    assert_eq!(facts.comments.len(), 2);
    let branches: Vec<_> = facts
        .guards
        .iter()
        .filter(|g| g.kind == GuardKind::Branch)
        .map(|g| (g.arm, g.exhaustive, g.test.is_some()))
        .collect();
    assert_eq!(branches, [(0, 2, true), (1, 2, false), (0, 0, true)]);
}

#[test]
fn plain_text_is_raw_and_templates_with_holes_are_not() {
    let facts = lower("f('{a}', `{b}`, `${c}`)", false);
    let raw: Vec<_> = facts
        .exprs
        .iter()
        .filter_map(|e| match &e.kind {
            Expr::Text { raw, .. } => Some(*raw),
            _ => None,
        })
        .collect();
    assert_eq!(raw, [true, true, false]);
}

#[test]
fn a_store_to_this_stays_in_its_function() {
    let facts = lower(
        "function f() { this.a += 'x'; g(() => { this.b = 1 }) }",
        false,
    );
    assert!(
        facts
            .writes
            .iter()
            .filter(|w| w.root == "this")
            .all(|w| w.scope.0 > 0)
    );
}
