//! The frontend as a whole: dumps of small programs, extreme nesting, arbitrary text.

use proptest::prelude::*;

use super::lower;
use crate::hir::dump::dump;
use crate::hir::{Expr, Facts, Piece};
use crate::source::Span;

fn facts(text: &str) -> String {
    dump(&lower(text, false))
}

#[test]
fn probe() {
    println!("{}", facts(r#"
import OpenAI, { type Foo as F, default as D } from "openai";
import * as fs from 'node:fs';
import "side";
import type { T } from "./t";
import cfg = require("cfg");
const { a: aa, b } = require("./x");
const path = require("path");
const { generateText } = await import("ai");
export * from "./all"; export * as ns from "./ns"; export { q as r } from "./q"; export { b as c };
use(hoisted);
/** Sorts it. */
export async function hoisted(x: string, { y = 1, z: { w }, ...rest }: Opts = {}, ...more: string[]): Promise<string | null> {
  const r = await client.chat.completions.create({ model: "x", messages: [{ role: "user", content: `Sort ${x} now` }], ...o });
  const { choices: [{ message }] } = r;
  xs.push(message.content!);
  this.messages[0].content += "a\n";
  if (r.x === "yes") { return 1; } else if (q) { return "b" } else { y++; }
  switch (message.content) { case "a": case "b": f(); break; default: g(); }
  for (const [k, v] of Object.entries(m)) { k.x = v; }
  for (const key in obj) use(key);
  try { a() } catch (e) { b(e) } finally { c() }
  var late = ok ? "a" : no ? "b" : "c";
  ok && late.push(String.raw`\d${1}`, gql`query ${late}`);
  return a?.b?.[0]?.(1) ?? "d";
}
@Agent({ instructions: "x" })
export class Svc<T> extends Base<T> implements I {
  static readonly PROMPT = "hello";
  handle = async (x: string) => x + 1;
  #priv = 3;
  constructor(private readonly llm: LLM, n: number) { super(); }
  get v(): string { return "v"; }
  static make() { throw new Error("no"); }
  @tool() run(@Inject() q: "a" | "b" | undefined) { const self = this; return this.llm.ask<Foo>(`x${q}`); }
  abstract foo(): void;
}
interface I extends J { a: string[]; b?: Map<string, number>; m(x: number): Promise<string>; }
type O = { k: "x" | "y" } & Base;
type Al = string;
enum E { A = "a", B }
namespace N { export const inner = 1; export function f() {} }
export default { prompts: { sys: "s" }, f: () => 1, async g(x) { return x }, ['k']: 2, [dyn]: 3 };
module.exports.foo = bar; exports.z = 1; module.exports = { a };
const fn = function* () { yield "x"; };
const el = new Foo<Bar>(!x, -y, typeof z, a in b, a instanceof b, <any>q, /re/g);
"#));
}
