//! What constructs become.

use insta::assert_snapshot;

use super::super::lower;
use crate::hir::dump::dump;
use crate::hir::{Expr, GuardKind, Piece};

fn body(code: &str) -> String {
    dump(&lower(&format!("fn f() {{ {code} }}")))
}

#[test]
fn imports() {
    assert_snapshot!(dump(&lower("use crate::prompts::{A, b::C as D, self};\npub use super::x::*;\nmod util;\n#[cfg(test)] mod t { fn g() {} }")), @r##"
    import crate::prompts Name("A") as A
    import crate::prompts::b Name("C") as D
    import crate::prompts Module as prompts
    import super::x Star as 
    import self::util Module as util
    export  Star { module: "super::x" }
    s0 g0 import(importid(0)) let A = 
    s0 g0 import(importid(1)) let D = 
    s0 g0 import(importid(2)) let prompts = 
    s0 g0 import(importid(4)) let util =
    "##);
}

#[test]
fn literals() {
    assert_snapshot!(body(r##"let a = (r#"x"y"#, b"b", 'c', "p \
            q\u{e9}", (), None, 1.5, true, -2);"##), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s1 g1 set let a = ["x\"y", "b", "c", "p qé", null, null, 1.5, true, -2]
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn format_strings() {
    assert_snapshot!(body(r#"let s = format!("Hi {n}, {0} {} {w:?} {{}}", p, w = a + 1); let t = (println!("x {}", y.z), bail!("no {e}"), my_log!("{}", u));"#), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s1 g1 set let s = "Hi {n}, {p} {p} {(a + 1):?} {}"
    s1 g1 set let t = [println!("x {y.z}"), bail!("no {e}"), my_log!("{u}")]
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn writes_to_text() {
    assert_snapshot!(body(r#"let mut s = String::new(); writeln!(s, "a {}", n)?; s.push_str("b"); s += &c; self.log.lock().unwrap().push(s);"#), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s1 g1 set let s = String.new()
    s1 g1 mutate:write_str s = writeln!(s, "a {n}\n")
    s1 g1 mutate:push_str s = s.push_str("b")
    s1 g1 augment:+ s = c
    s1 g1 mutate:push self.log = self.log.lock().push(s)
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn setters() {
    assert_snapshot!(body(r#"args.model("m").messages([x]).build()?; args.model("m").messages(y);"#), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s0 g1 mutate:model args = args.model("m")
    s0 g1 mutate:messages args = args.model("m").messages(y)
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn json() {
    assert_snapshot!(body(r#"let j = json!({"role": "user", "n": null, key: [1, x.y()?], "t": {"a": format!("q {s}")}});"#), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s1 g1 set let j = {"role": "user", "n": null, [key]: [1, x.y()], "t": {"a": "q {s}"}}
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn other_macros() {
    assert_snapshot!(body(r#"let a = vec![x; 2]; let b = concat!("a", "b"); let c = prompt_args!{ "k" => x.y(), "l" => "z" }; let d = matches!(r, "a" | "b"); let e = indoc!("t"); let f = include_str!("p.md");"#), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s1 g1 set let a = [x]
    s1 g1 set let b = "ab"
    s1 g1 set let c = prompt_args!({"k": x.y(), "l": "z"})
    s1 g1 set let d = ((r == "a") or (r == "b"))
    s1 g1 set let e = indoc!("t")
    s1 g1 set let f = include_str!("p.md")
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn patterns() {
    assert_snapshot!(body(r#"let (a, B { c, d: [e, .., g] }) = x; let Some(h) = y else { return }; if let Ok(v) = z { k(v) } if let Err(u) = z {} for (i, j) in w {} while let Some(l) = n.next().await {}"#), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s1 g1 set let a = x[0]
    s1 g1 set let c = x[1].c
    s1 g1 set let e = x[1].d[0]
    s1 g1 set let g = x[1].d[-1]
    s1 g1 set let h = y
    s3 g3 set let v = z
    s4 g4 catch let u = 
    s5 g5 iterate let i = w[0]
    s5 g5 iterate let j = w[1]
    s6 g6 set let l = n.next()
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn matches() {
    assert_snapshot!(body(r#"let n = match reply.as_str() { "yes" | "y" => 1, Some(z) if z > 2 => z, _ => return }; let m = if a { b } else if c { d } else { e };"#), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s3 g1 set let z = reply.as_str()
    s1 g1 set let n = choice(((reply.as_str() == "yes") or (reply.as_str() == "y")) ? 1 | z)
    s1 g1 set let m = choice(a ? b | d | e)
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn chains() {
    assert_snapshot!(body(r#"let a = (&x.await?.y).unwrap() as u8; let b = p::q::<T>(1)[0].0; let r: Person = serde_json::from_str(&t)?; let s = S { m, n: 1, ..o };"#), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s1 g1 set let a = x.y
    s1 g1 set let b = p.q<T>(1)[0][0]
    s1 g1 set let r = serde_json.from_str<Person>(t)
    s1 g1 set let s = S{m=m, n=1, ...o}
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn items() {
    assert_snapshot!(dump(&lower("/// Doc.\n///\n/// More.\n#[derive(A)] pub struct P { /// n\n#[serde(rename = \"x\")] a: Option<String>, b: Arc<dyn m::C> }\nenum K { A, B(u8) }\nimpl T for a::P<X> { const Q: &str = \"q\"; fn new() -> Self { Self { a } } async fn m(&self, (c, d): (u8, u8)) -> Result<Vec<u8>> { e } }\ntrait T: U { fn a(&self); fn b() -> u8 { todo!() } }")), @r##"
    class#0 Struct P() methods=[]
      field a: String = 
      field b: m.C = 
    class#1 Enum K() methods=[]
      field A:  = 
      field B: u8 = 
    class#2 Impl P(T) methods=[0, 1]
      field Q: str = "q"
    class#3 Interface T(U) methods=[2, 3]
    fn#0 new() owner=Some(2) attrs=[] stub=false -> Self{a=a}
    fn#1 m(self:Receiver, _:Positional:tuple) owner=Some(2) attrs=[] stub=false -> e
    fn#2 a(self:Receiver) owner=Some(3) attrs=[] stub=true -> 
    fn#3 b() owner=Some(3) attrs=[] stub=true -> todo!()
    s0 g0 class(classid(0)) let P = 
    s0 g0 class(classid(1)) let K = 
    s3 g0 set let Q = "q"
    s3 g0 function(functionid(0)) let new = 
    s5 g2 param(0) let self = 
    s5 g2 param(1) let c = [0]
    s5 g2 param(1) let d = [1]
    s3 g0 function(functionid(1)) let m = 
    s7 g3 param(0) let self = 
    s6 g0 function(functionid(2)) let a = 
    s6 g0 function(functionid(3)) let b = 
    s0 g0 class(classid(3)) let T =
    "##);
}

#[test]
fn statics() {
    assert_snapshot!(dump(&lower("const A: &str = \"a\"; lazy_static! { static ref B: String = \"b\".into(); }\nthread_local!(static C: X = y());")), @r##"
    s0 g0 set let A = "a"
    s0 g0 set let B = "b".into()
    s0 g0 set let C = y()
    "##);
}

#[test]
fn closures() {
    assert_snapshot!(body("let g = |x: &T, (a, b)| x.y + a; v.iter().for_each(|z| out.push_str(z)); let h = loop { break 1; };"), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    fn#1 g(x:Positional:T, _:Positional) owner=None attrs=[] stub=false -> (x.y + a)
    fn#2 <anonymous>(z:Positional) owner=None attrs=[] stub=false -> out.push_str(z)
    s2 g2 param(0) let x = 
    s2 g2 param(1) let a = [0]
    s2 g2 param(1) let b = [1]
    s1 g1 set let g = fn#1
    s3 g3 param(0) let z = 
    s0 g3 mutate:push_str out = out.push_str(z)
    s1 g1 set let h = 1
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn select() {
    assert_snapshot!(body("tokio::select! { r = foo() => { bar(r); } _ = baz() => qux(), }"), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    s2 g2 set let r = foo()
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn streams() {
    assert_snapshot!(dump(&lower("fn f() -> impl Stream<Item = u8> { stream! { for await y in z {} let x = ask().await; yield x; } }")), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> x ; stream!()
    s3 g2 iterate let y = z
    s2 g1 set let x = ask()
    s0 g0 function(functionid(0)) let f =
    "##);
}

#[test]
fn broken_code() {
    assert_snapshot!(dump(&lower("fn f() { let a = \"x\"; let = ; g(\"y\") } fn h( { k(\"z\"); }")), @r##"
    fn#0 f() owner=None attrs=[] stub=false -> 
    fn#1 h() owner=None attrs=[] stub=false -> 
    s1 g1 set let a = "x"
    s0 g0 function(functionid(0)) let f = 
    s0 g0 function(functionid(1)) let h =
    "##);
}

/// The doc text of the first class.
#[test]
fn doc_comments() {
    let facts = lower("/// One \n///\n/// two\n#[doc = \"three\"]\nstruct S;");
    let doc = facts.classes.first().and_then(|c| c.doc);
    let text = doc.map(|d| crate::hir::dump::expr(&facts, d));
    assert_eq!(text.as_deref(), Some(r#""One\n\ntwo\nthree""#));
}

#[test]
fn inline_names_stand_in_the_literal() {
    let source = r#"fn f() { let s = vec![format!("a\n{name:>4}")]; }"#;
    let facts = lower(source);
    let spans: Vec<_> = facts
        .exprs
        .iter()
        .filter_map(|e| match &e.kind {
            Expr::Text { pieces, raw: false } => Some(pieces),
            _ => None,
        })
        .flatten()
        .filter_map(|p| match p {
            Piece::Hole { expr, span, .. } => {
                Some((&source[facts.span(*expr).range()], &source[span.range()]))
            }
            Piece::Literal(_) => None,
        })
        .collect();
    assert_eq!(spans, [("name", "{name:>4}")]);
}

#[test]
fn arms_cover_every_case() {
    let facts =
        lower("fn f() { if a {} else if b {} else {} match c { 1 => {} _ => {} } if d {} }");
    let arms: Vec<_> = facts
        .guards
        .iter()
        .filter(|g| g.kind == GuardKind::Branch)
        .map(|g| (g.arm, g.exhaustive, g.test.is_some()))
        .collect();
    assert_eq!(
        arms,
        [
            (0, 3, true),
            (1, 3, true),
            (2, 3, false),
            (0, 2, true),
            (1, 2, false),
            (0, 0, true)
        ]
    );
}
