//! What the code of a suggestion works on: names that are known beside the call.

mod in_memory;

use std::sync::LazyLock;

use deprompt::catalog::Catalog;
use deprompt::check::check_all;
use deprompt::finding::{Finding, LabelKind};
use deprompt::rules::RuleSet;
use in_memory::{Result, analysis, on_a_pool};

const PYTHON: &str = "from openai import OpenAI\nclient = OpenAI()\n\ndef ask(text: str) -> str:\n    return client.responses.create(model=\"gpt-4o\", input=text).output_text\n\n";
const TYPESCRIPT: &str = "import OpenAI from \"openai\";\nconst client = new OpenAI();\nasync function ask(text: string): Promise<string> {\n  return (await client.responses.create({ model: \"gpt-4o\", input: text })).output_text;\n}\n";
const RUST: &str = "use rig::completion::Prompt;\nuse rig::providers::openai;\n\nasync fn ask(text: String) -> String {\n    let client = openai::Client::from_env();\n    let agent = client.agent(\"gpt-4o\").build();\n    agent.prompt(text).await.unwrap()\n}\n";

/// What is built in.
static BUILTIN: LazyLock<Option<(Catalog, RuleSet)>> =
    LazyLock::new(|| Some((Catalog::builtin().ok()?, RuleSet::builtin().ok()?)));

/// The findings of a program that has `body` behind a function `ask`.
fn found(name: &str, body: &str) -> Result<Vec<Finding>> {
    let head = match name.rsplit('.').next() {
        Some("py") => PYTHON,
        Some("ts") => TYPESCRIPT,
        _ => RUST,
    };
    let (catalog, rules) = BUILTIN.as_ref().ok_or("the built-in rules do not load")?;
    let mut found = on_a_pool(|| {
        let a = analysis(catalog, rules, &[(name, format!("{head}{body}"))]);
        check_all(&a.calls, &a.files, rules)
    })?;
    found.retain(|f| rules.rule(&f.rule).is_some_and(|r| r.default));
    Ok(found)
}

/// The code of the suggestions.
fn code(name: &str, body: &str) -> Result<String> {
    let suggestions = found(name, body)?.into_iter().filter_map(|f| f.suggestion);
    let code: Vec<String> = suggestions.map(|s| s.code).collect();
    Ok(code.join("\n---\n"))
}

#[test]
fn python_works_on_the_collection_of_a_loop() -> Result {
    for (body, expected) in [
        (
            "def f(rows):\n    lst = \"\\n\".join(f\"{r.name}: {r.age}\" for r in rows)\n    return ask(f\"Sort these people by age:\\n{lst}\")\n",
            "result = sorted(rows, key=lambda r: r.age)",
        ),
        (
            "def f(orders):\n    text = \"\"\n    for o in orders:\n        text += f\"{o['date']} {o['total']}\\n\"\n    return ask(f\"Sort these orders by date, newest first:\\n{text}\")\n",
            "result = sorted(orders, key=lambda x: x[\"date\"], reverse=True)",
        ),
        (
            "def f(people):\n    lines = []\n    for i, p in enumerate(people, 1):\n        age = p[\"age\"]\n        lines.append(f\"{i}. {age}\")\n    text = \"\\n\".join(lines)\n    return ask(f\"Sort these people by age:\\n{text}\")\n",
            "result = sorted(people, key=lambda x: x[\"age\"])",
        ),
        (
            "def f(people):\n    text = \"\"\n    for i in range(len(people)):\n        text += f\"{i}. {people[i].age}\\n\"\n    return ask(f\"Sort these people by age:\\n{text}\")\n",
            "result = sorted(people, key=lambda x: x.age)",
        ),
        (
            "def line(p):\n    return f\"{p.name}: {p.age}\"\n\ndef f(people):\n    text = \"\\n\".join(line(r) for r in people)\n    return ask(f\"Sort these people by age:\\n{text}\")\n",
            "result = sorted(people, key=lambda p: p.age)",
        ),
        (
            "def f(xs):\n    return ask(\"Sort these prices in ascending order: \" + \", \".join(str(x) for x in xs))\n",
            "result = sorted(xs)",
        ),
        (
            "def f(rows):\n    lst = \"\\n\".join(f\"- {r.email}\" for r in rows if r.active)\n    return ask(f\"Remove duplicates from this list:\\n{lst}\")\n",
            "result = list(dict.fromkeys([r for r in rows if r.active]))",
        ),
        // The collection is an item of another loop.
        (
            "def f(groups):\n    text = \"\"\n    for g in groups:\n        for r in g.rows:\n            text += f\"{r.age}\\n\"\n    return ask(f\"Sort these people by age:\\n{text}\")\n",
            "result = sorted(items, key=lambda r: r.age)",
        ),
        // The loop is around the call.
        (
            "def f(groups):\n    for g in groups:\n        print(ask(f\"Sort these numbers in descending order: {g.numbers}\"))\n",
            "result = sorted(g.numbers, reverse=True)",
        ),
    ] {
        assert_eq!(code("a.py", body)?, expected, "{body}");
    }
    Ok(())
}

#[test]
fn typescript_works_on_the_collection_of_a_callback() -> Result {
    let sorted = "const result = people.toSorted((a, b) => (a.age < b.age ? -1 : 1));";
    for body in [
        "const lst = people.map((p) => `${p.name} ${p.age}`).join(\"\\n\");",
        "const lst = people.map(({ name, age }, i) => `${i} ${name} ${age}`).join(\"\\n\");",
        "let lst = \"\"; for (const p of people) { lst += `${p.name} ${p.age}\\n`; }",
        "let lst = \"\"; people.forEach((p) => { lst += `${p.name} ${p[\"age\"]}\\n`; });",
        "let lst = \"\"; for (let i = 0; i < people.length; i++) { lst += `${i} ${people[i].age}\\n`; }",
    ] {
        let body = format!(
            "export async function f(people: Person[]) {{\n  {body}\n  return await ask(`Sort these people by age:\\n${{lst}}`);\n}}\n"
        );
        assert_eq!(code("a.ts", &body)?, sorted, "{body}");
    }
    let filtered = "export async function f(people: Person[]) {\n  const lst = people.filter((p) => p.ok).map((p) => p.age).join(\"\\n\");\n  return await ask(`Sort these people by age:\\n${lst}`);\n}\n";
    assert_eq!(
        code("a.ts", filtered)?,
        "const result = people.filter((p) => p.ok).toSorted((a, b) => (a.age < b.age ? -1 : 1));"
    );
    Ok(())
}

#[test]
fn rust_works_on_the_collection_of_an_iterator() -> Result {
    for body in [
        "let lst = people.iter().map(|p| format!(\"{} {}\", p.name, p.age)).collect::<Vec<_>>().join(\"\\n\");",
        "let mut lst = String::new();\n    for p in people.iter() { lst.push_str(&format!(\"{} {}\\n\", p.name, p.age)); }",
        "let lines: Vec<String> = people.iter().enumerate().map(|(i, p)| format!(\"{i}. {}\", p.age)).collect();\n    let lst = lines.join(\"\\n\");",
    ] {
        let body = format!(
            "async fn f(people: &[Person]) -> String {{\n    {body}\n    ask(format!(\"Sort these people by age:\\n{{lst}}\")).await\n}}\n"
        );
        assert_eq!(
            code("src/main.rs", &body)?,
            "people.sort_by(|a, b| a.age.cmp(&b.age));",
            "{body}"
        );
    }
    Ok(())
}

#[test]
fn the_code_names_the_variable_of_the_text() -> Result {
    let http = |rest: &str| {
        format!(
            "export async function f(ids: number[]) {{\n  const res = await fetch(\"https://api.openai.com/v1/chat/completions\", {{ method: \"POST\", headers: {{ Authorization: \"Bearer x\" }}, body: JSON.stringify({{ model: \"gpt-4o\", messages: [{{ role: \"user\", content: `Sort these numbers in ascending order: ${{ids}}` }}] }}) }});\n  {rest}\n}}\n"
        )
    };
    for (rest, name) in [
        (
            "const data = await res.json();\n  const answer = data.choices[0].message.content;\n  return answer;",
            "answer",
        ),
        (
            "const data = await res.json();\n  return data.choices[0].message.content;",
            "result",
        ),
        (
            "return (await res.json()).choices[0].message.content;",
            "result",
        ),
    ] {
        assert_eq!(
            code("b.ts", &http(rest))?,
            format!("const {name} = ids.toSorted((a, b) => a - b);"),
            "{rest}"
        );
    }
    let python = |rest: &str| {
        format!(
            "def f(ids):\n    resp = client.responses.create(model=\"gpt-4o\", input=f\"Sort these numbers in ascending order: {{ids}}\")\n{rest}"
        )
    };
    for (rest, name) in [
        (
            "    text = resp.output_text\n    return text.strip()\n",
            "text",
        ),
        ("    return resp.output_text\n", "result"),
    ] {
        assert_eq!(
            code("b.py", &python(rest))?,
            format!("{name} = sorted(ids)"),
            "{rest}"
        );
    }
    assert_eq!(
        code(
            "b.py",
            "def f(ids):\n    answer = ask(f\"Sort these numbers in ascending order: {ids}\")\n    return answer\n"
        )?,
        "answer = sorted(ids)"
    );
    Ok(())
}

#[test]
fn a_declared_text_is_no_number() -> Result {
    for (name, body) in [
        (
            "c.py",
            "def f(a: str, b: str):\n    return ask(f\"Sort the words {a} and {b} alphabetically.\")\n",
        ),
        (
            "c.ts",
            "export async function f(a: string, b: string) {\n  return await ask(`Sort the words ${a} and ${b} alphabetically.`);\n}\n",
        ),
        (
            "src/main.rs",
            "async fn f(a: &str, b: String) -> String {\n    ask(format!(\"Sort the words {a} and {b} alphabetically.\")).await\n}\n",
        ),
    ] {
        let found = found(name, body)?;
        let inputs: Vec<&str> = (found.iter().flat_map(|f| &f.labels))
            .filter(|l| l.kind == LabelKind::Input)
            .map(|l| l.message.as_str())
            .collect();
        assert_eq!(inputs, ["the input", "the input"], "{name}");
    }
    let named = "def f(price: str):\n    return ask(f\"Format {price} with two decimals.\")\n";
    let labels: Vec<String> = (found("c.py", named)?.iter().flat_map(|f| &f.labels))
        .map(|l| l.message.clone())
        .collect();
    assert!(
        labels.iter().any(|l| l == "the input (number)"),
        "{labels:?}"
    );
    Ok(())
}

#[test]
fn a_message_quotes_whole_sentences() -> Result {
    let told = "def f(question):\n    return client.responses.create(model=\"gpt-4o\", instructions=\"You are a helpful assistant of a shop. Never do arithmetic yourself: call `calculate` to add, average or count things. Explain products in detail.\", input=question).output_text\n";
    for f in found("d.py", told)? {
        let quoted = f.message.split_once('"').map_or("", |(_, q)| q);
        assert!(
            quoted.is_empty() || quoted.starts_with("Never do arithmetic"),
            "{}",
            f.message
        );
    }
    let jokes = "def f(a, b):\n    return ask(f\"Tell me which of these two jokes is funnier. {a} -- {b}\")\n";
    for f in found("d.py", jokes)? {
        assert!(
            f.message.contains("which of these two jokes"),
            "{}",
            f.message
        );
    }
    Ok(())
}

#[test]
fn a_limit_is_put_into_a_schema_only_where_there_is_one() -> Result {
    let plain = "def f(article):\n    return ask(f\"Summarise the article in three bullet points. {article}\")\n";
    let labels: Vec<String> = (found("e.py", plain)?.into_iter())
        .map(|f| f.primary_label)
        .collect();
    assert_eq!(labels, ["Check it in code after the reply."]);
    let json = "def f(article):\n    return json.loads(ask(f\"Summarise the article in three bullet points. Respond only with JSON: {{'points': []}} {article}\"))\n";
    let labels: Vec<String> = (found("e.py", json)?.into_iter())
        .map(|f| f.primary_label)
        .collect();
    assert!(
        labels
            .iter()
            .any(|l| l == "Check the limit in code, or put it into the schema."),
        "{labels:?}"
    );
    Ok(())
}
