//! The same bytes with any number of threads, and with every file parsed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What a command prints on standard output.
fn print(directory: &Path, args: &[&str]) -> Result<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_deprompt"))
        .current_dir(directory)
        .args(args)
        .env("NO_COLOR", "1")
        .output()?;
    assert!(
        output.status.code().is_some_and(|c| c < 2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// `files_parsed` counts what was parsed, which is what differs with the prefilter off.
fn without_counts(text: &str) -> String {
    text.lines()
        .filter(|l| !l.trim_start().starts_with("\"files_parsed\""))
        .collect::<Vec<_>>()
        .join("\n")
}

fn same(directory: &Path, findings: usize) -> Result {
    // What stands once in each finding of a format.
    for (format, mark) in [
        ("full", "instead:"),
        ("json", "\"confidence\":"),
        ("sarif", "\"ruleIndex\":"),
    ] {
        let check = ["check", "--no-config", "--output-format", format, "."];
        let once = print(directory, &check)?;
        assert!(once.matches(mark).count() > findings, "{format}: {once}");
        for flags in [
            &["-j", "1"][..],
            &["-j", "2"],
            &["--no-prefilter", "-j", "3"],
        ] {
            let again = print(directory, &[&check[..], flags].concat())?;
            assert_eq!(
                without_counts(&once),
                without_counts(&again),
                "{format} {flags:?}"
            );
        }
    }
    let calls = ["calls", "--no-config", "--output-format", "json", "."];
    let once = print(directory, &calls)?;
    for flags in [&["-j", "1"][..], &["-j", "5"], &["--no-prefilter"]] {
        assert_eq!(
            once,
            print(directory, &[&calls[..], flags].concat())?,
            "{flags:?}"
        );
    }
    Ok(())
}

#[test]
fn on_the_examples() -> Result {
    same(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), 10)
}

/// Wrappers in files of their own, called from many others, some through two of them; prompts in
/// modules of constants; files without any call; a file that cannot be parsed.
#[test]
fn on_wrappers_across_files() -> Result {
    let directory = TempDir::new()?;
    let root = directory.path();
    for d in ["app", "web/src", "crate/src"] {
        fs::create_dir_all(root.join(d))?;
    }
    let write = |name: &str, text: &str| fs::write(root.join(name), text);
    write("app/__init__.py", "")?;
    write(
        "app/llm.py",
        "from openai import OpenAI\n\nclient = OpenAI()\n\n\ndef ask(prompt):\n    r = client.chat.completions.create(model=\"m\", messages=[{\"role\": \"user\", \"content\": prompt}])\n    return r.choices[0].message.content\n",
    )?;
    write(
        "app/polite.py",
        "from .llm import ask\n\n\ndef ask_politely(task):\n    return ask(\"Please. \" + task)\n",
    )?;
    write(
        "app/prompts.py",
        "SORT = \"Sort these prices in ascending order: {prices}\"\n",
    )?;
    write("web/package.json", "{\"name\": \"web\"}")?;
    write(
        "web/src/llm.ts",
        "import OpenAI from \"openai\";\nconst client = new OpenAI();\nexport async function complete(prompt: string) {\n  const r = await client.responses.create({ model: \"m\", input: prompt });\n  return r.output_text;\n}\n",
    )?;
    write(
        "web/src/index.ts",
        "export * from \"./llm\";\nexport const SORT = \"Sort these prices in ascending order: \";\n",
    )?;
    write("crate/Cargo.toml", "[package]\nname = \"till\"\n")?;
    write(
        "crate/src/llm.rs",
        "use rig::completion::Prompt;\nuse rig::providers::openai;\n\npub async fn ask(client: &openai::Client, prompt: &str) -> anyhow::Result<String> {\n    let agent = client.agent(\"m\").build();\n    Ok(agent.prompt(prompt).await?)\n}\n",
    )?;
    let mut modules = "pub mod llm;\n".to_owned();
    for n in 0..12 {
        write(
            &format!("app/job{n}.py"),
            &format!(
                "import json\n\nfrom .llm import ask\nfrom .polite import ask_politely\nfrom .prompts import SORT\n\n\ndef run{n}(prices: list[float], letter: str):\n    ask(SORT.format(prices=prices))\n    ask_politely(f\"Count the words in {{letter}}, job {n}.\")\n    return json.loads(ask(f\"Summarise {{letter}}. Respond with a JSON object.\"))\n"
            ),
        )?;
        write(
            &format!("web/src/job{n}.ts"),
            &format!(
                "import {{ complete, SORT }} from \"./index\";\nexport const run{n} = async (prices: number[]) => parseInt(await complete(SORT + prices));\n"
            ),
        )?;
        write(
            &format!("crate/src/job{n}.rs"),
            &format!(
                "use crate::llm::ask;\n\npub async fn run{n}(client: &rig::providers::openai::Client, prices: &[f64]) -> anyhow::Result<f64> {{\n    let reply = ask(client, &format!(\"Calculate the average of these numbers: {{prices:?}}\")).await?;\n    Ok(reply.trim().parse()?)\n}}\n"
            ),
        )?;
        write(
            &format!("app/plain{n}.py"),
            &format!("def plain{n}(x):\n    return x + {n}\n"),
        )?;
        write(
            &format!("web/src/plain{n}.ts"),
            &format!("export const plain{n} = (x: number) => x + {n};\n"),
        )?;
        writeln!(modules, "mod job{n};")?;
    }
    write("crate/src/lib.rs", &modules)?;
    let concise = print(
        root,
        &["check", "--no-config", "--output-format", "concise", "."],
    )?;
    for (line, times) in [
        ("app/job", 12),
        ("app/prompts.py", 1),
        ("web/src/index.ts", 1),
        ("crate/src/job", 12),
    ] {
        assert!(concise.matches(line).count() >= times, "{line}: {concise}");
    }
    same(root, 24)
}
