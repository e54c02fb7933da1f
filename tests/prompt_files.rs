//! Prompts that stand in settings and prompt files: what a program reads from them by a path, a key
//! or a field is the text of the call. Each case is a project; the texts of its messages are compared.

mod in_memory;

use in_memory::Result;

/// The texts of all messages of a project, sorted.
fn texts(files: &[(&str, &str)]) -> Result<Vec<String>> {
    let messages = in_memory::messages(files)?.into_iter();
    let mut out: Vec<String> = messages.map(|(_, text)| text).collect();
    out.sort();
    Ok(out)
}

/// A Python program that sends an expression.
fn python(before: &str, expression: &str) -> String {
    format!(
        "from openai import OpenAI\nclient = OpenAI()\n{before}\ndef ask():\n    return client.chat.completions.create(model=\"m\", messages=[{{\"role\": \"user\", \"content\": {expression}}}])\n"
    )
}

/// The same in TypeScript.
fn typescript(before: &str, expression: &str) -> String {
    format!(
        "import OpenAI from \"openai\";\n{before}\nconst client = new OpenAI();\nexport const ask = () => client.chat.completions.create({{model: \"m\", messages: [{{role: \"user\", content: {expression}}}]}});\n"
    )
}

/// The same in Rust.
fn rust(items: &str, before: &str, expression: &str) -> String {
    format!(
        "{items}\nasync fn ask() -> anyhow::Result<()> {{\n    {before}\n    let body = serde_json::json!({{\"model\": \"m\", \"messages\": [{{\"role\": \"user\", \"content\": {expression}}}]}});\n    reqwest::Client::new().post(\"https://api.openai.com/v1/chat/completions\").json(&body).send().await?;\n    Ok(())\n}}\n"
    )
}

#[test]
fn python_reads_data() -> Result {
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "import tomllib\nwith open(\"p.toml\", \"rb\") as f:\n    P = tomllib.load(f)",
            "P[\"tasks\"][\"sum\"]",
            "p.toml",
            "[tasks]\nsum = \"\"\"\nAdd \\\"these\\\" numbers.\"\"\"\n",
        ),
        (
            "import json\ndef load(name):\n    with open(\"p.json\") as f:\n        return json.load(f)[name]",
            "load(\"sum\")",
            "p.json",
            "{\"n\": [1, true, null], \"sum\": \"Add \\\"these\\\" numbers.\"}",
        ),
        (
            "import yaml\nP = yaml.safe_load(open(\"p.yaml\"))",
            "P[\"steps\"][1][\"text\"]",
            "p.yaml",
            "steps:\n  - name: a\n    text: b\n  - name: c\n    text: \"Add \\\"these\\\" numbers.\"\n",
        ),
        (
            "import yaml\nP = yaml.safe_load(open(\"p.yaml\"))",
            "P[\"sum\"][\"text\"]",
            "p.yaml",
            "sum: {text: 'Add \"these\" numbers.', n: 1}\n",
        ),
        (
            "import yaml\nfrom pydantic import BaseModel\nclass S(BaseModel):\n    text: str\nS1 = S.model_validate(yaml.safe_load(open(\"p.yaml\")))",
            "S1.text",
            "p.yaml",
            "text: Add \"these\" numbers.\n",
        ),
        (
            "from dynaconf import Dynaconf\nsettings = Dynaconf(settings_files=[\"p.toml\"])",
            "settings.SUM.text",
            "p.toml",
            "[sum]\ntext = 'Add \"these\" numbers.'\n",
        ),
        (
            "from pathlib import Path\nP = {p.stem: p.read_text() for p in (Path(__file__).parent / \"prompts\").glob(\"*.md\")}",
            "P[\"sum\"]",
            "prompts/sum.md",
            "Add \"these\" numbers.",
        ),
        (
            "from pathlib import Path\nP = {}\nfor stage in [\"sum\", \"sort\"]:\n    P[stage] = Path(f\"prompts/{stage}.md\").read_text()",
            "P[\"sum\"]",
            "prompts/sum.md",
            "Add \"these\" numbers.",
        ),
    ];
    for (before, expression, name, text) in cases {
        let code = python(before, expression);
        let found = texts(&[("main.py", &code), (name, text)])?;
        assert_eq!(found, ["Add \"these\" numbers."], "{before}");
    }
    Ok(())
}

#[test]
fn typescript_reads_data() -> Result {
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "import prompts from \"./prompts.json\";",
            "prompts.sum",
            "src/prompts.json",
            "{\"sum\": \"Add the numbers.\"}",
        ),
        (
            "import fs from \"fs\";\nimport yaml from \"js-yaml\";\nconst p: any = yaml.load(fs.readFileSync(\"p.yaml\", \"utf8\"));",
            "p.sum",
            "p.yaml",
            "sum: |\n  Add the numbers.\n",
        ),
        (
            "import * as core from \"@actions/core\";",
            "core.getInput(\"sum-prompt\")",
            "action.yml",
            "inputs:\n  sum-prompt:\n    default: 'Add the numbers.'\n",
        ),
        (
            "import text from \"./sum.md\";",
            "text",
            "src/sum.md",
            "Add the numbers.",
        ),
    ];
    for (before, expression, name, text) in cases {
        let code = typescript(before, expression);
        let found = texts(&[("src/main.ts", &code), (name, text)])?;
        assert_eq!(found, ["Add the numbers."], "{before}");
    }
    Ok(())
}

#[test]
fn rust_reads_data() -> Result {
    let settings = "use serde::Deserialize;\n#[derive(Deserialize)]\nstruct P { sum_text: String }\nimpl P {\n    fn load() -> anyhow::Result<Self> {\n        let text = std::fs::read_to_string(\"p.toml\")?;\n        Ok(toml::from_str(&text)?)\n    }\n}";
    let cases: &[(&str, &str, &str, &str, &str)] = &[
        (
            settings,
            "let p = P::load()?;",
            "p.sum_text",
            "p.toml",
            "sum-text = \"Add the numbers.\"\n",
        ),
        (
            "",
            "let s = config::Config::builder().add_source(config::File::with_name(\"p\")).build()?;",
            "s.get_string(\"task.sum\")?",
            "p.toml",
            "[task]\nsum = \"Add the numbers.\"\n",
        ),
        (
            "use std::collections::HashMap;\nuse std::sync::LazyLock;\nstatic P: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {\n    let mut m = HashMap::new();\n    m.insert(\"sum\", include_str!(\"sum.md\"));\n    m.insert(\"sort\", \"Sort them.\");\n    m\n});",
            "",
            "P[\"sum\"]",
            "sum.md",
            "Add the numbers.",
        ),
        (
            "use clap::Parser;\n#[derive(Parser)]\nstruct Args {\n    #[arg(long, default_value = \"prompts/sum.txt\")]\n    task: String,\n}",
            "let args = Args::parse();\n    let text = std::fs::read_to_string(&args.task).context(\"no task\")?;",
            "text.trim()",
            "prompts/sum.txt",
            "Add the numbers.",
        ),
        (
            "#[derive(serde::Deserialize)]\nstruct Conf { #[serde(default = \"task_file\")] task: std::path::PathBuf }\nfn task_file() -> std::path::PathBuf { std::path::PathBuf::from(\"texts/sum.md\") }",
            "let conf: Conf = toml::from_str(text)?;\n    let text = std::fs::read_to_string(&conf.task)?;",
            "text",
            "texts/sum.md",
            "Add the numbers.",
        ),
        (
            "#[derive(rust_embed::RustEmbed)]\n#[folder = \"texts/\"]\nstruct Texts;",
            "let file = Texts::get(\"sum.md\").ok_or_else(|| anyhow::anyhow!(\"no text\"))?;\n    let text = std::str::from_utf8(file.data.as_ref())?;",
            "text",
            "texts/sum.md",
            "Add the numbers.",
        ),
        (
            "static TEXTS: include_dir::Dir<'_> = include_dir::include_dir!(\"$CARGO_MANIFEST_DIR/texts\");",
            "",
            "TEXTS.get_file(\"sum.md\").and_then(|f| f.contents_utf8()).unwrap()",
            "texts/sum.md",
            "Add the numbers.",
        ),
        (
            "use std::io::Read;",
            "let mut text = String::new();\n    std::fs::File::open(\"sum.txt\")?.read_to_string(&mut text)?;",
            "text",
            "sum.txt",
            "Add the numbers.",
        ),
        (
            "use std::sync::OnceLock;\nuse serde::Deserialize;\n#[derive(Deserialize)]\nstruct P { sum: String }\nstatic P1: OnceLock<P> = OnceLock::new();\nfn p() -> &'static P {\n    P1.get_or_init(|| serde_json::from_reader(std::fs::File::open(\"p.json\").unwrap()).unwrap())\n}",
            "",
            "p().sum",
            "p.json",
            "{\"sum\": \"Add the numbers.\"}",
        ),
    ];
    for (items, before, expression, name, text) in cases {
        let code = rust(items, before, expression);
        let found = texts(&[("main.rs", &code), (name, text)])?;
        assert_eq!(found, ["Add the numbers."], "{items}{before}");
    }
    Ok(())
}

#[test]
fn records_are_data() -> Result {
    let rows: Vec<String> = (0..20)
        .map(|i| format!("{{\"q\": \"Sort list {i}.\"}}"))
        .collect();
    let rows = format!("{{\"rows\": [{}]}}", rows.join(","));
    let code = python(
        "import json\nROWS = json.load(open(\"rows.json\"))[\"rows\"]",
        "ROWS[0][\"q\"]",
    );
    let found = texts(&[("main.py", &code), ("rows.json", &rows)])?;
    assert!(!found.concat().contains("Sort list"), "{found:?}");
    Ok(())
}

/// Programs whose prompt files are found by their names, because what puts the path together is not
/// followed, or takes a name apart.
#[test]
fn python_finds_files_by_name() -> Result {
    let cases: &[(&str, &str, &str)] = &[
        // A class that is a folder.
        (
            "from pathlib import Path\nclass Shelf:\n    def __init__(self, at):\n        self.at = Path(at).absolute()\n    def __getitem__(self, key):\n        full = self.at / key\n        with full.open(\"r\") as f:\n            return f.read()\nclass Shelves:\n    texts: Shelf\n",
            "shelves.texts[\"add\"]",
            "pre/prompts/add",
        ),
        // A name with dots is a path.
        (
            "import os\nclass Service:\n    FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), \"texts\")\n    @classmethod\n    def prompt(cls, name):\n        tree = name.split(\".\")\n        path = os.path.join(cls.FOLDER, *tree[:-1], tree[-1] + \".txt\")\n        with open(path) as f:\n            return f.read()\n",
            "Service.prompt(\"sums.add\")",
            "texts/sums/add.txt",
        ),
        // A list of folders is tried.
        (
            "import os, re\ndef find(name, folders):\n    for folder in folders:\n        path = os.path.join(folder, name)\n        if os.path.exists(path):\n            return path\n    raise FileNotFoundError(name)\ndef read(name, folders):\n    if os.path.dirname(name):\n        folder = os.path.dirname(name)\n        name = os.path.basename(name)\n        folders = [folder] + folders\n    with open(find(name, folders)) as f:\n        text = f.read()\n    return re.sub(\"x\", \"y\", text)\n",
            "read(\"add.sys.md\", shelves)",
            "addons/sums/prompts/add.sys.md",
        ),
    ];
    for (before, expression, name) in cases {
        let typed = if before.contains("class Shelves") {
            "shelves: Shelves"
        } else {
            "shelves"
        };
        let code = python(before, expression).replace("ask()", &format!("ask({typed})"));
        let found = texts(&[("main.py", &code), (name, "Add the numbers.")])?;
        assert_eq!(found, ["Add the numbers."], "{before}");
    }
    Ok(())
}

/// A name that many files bear says nothing, and neither does that of a file which is no prompt.
#[test]
fn names_are_not_guessed() -> Result {
    let code = python("", "open(folder + \"/add.md\").read()").replace("ask()", "ask(folder)");
    let many = ["a", "b", "c"].map(|n| format!("{n}/prompts/add.md"));
    let mut files = vec![("src/main.py", code.as_str())];
    files.extend(many.iter().map(|n| (n.as_str(), "Add the numbers.")));
    assert!(!texts(&files)?.concat().contains("Add the"), "many");
    let other = [
        ("src/main.py", code.as_str()),
        ("docs/add.md", "Add the numbers."),
    ];
    assert!(!texts(&other)?.concat().contains("Add the"), "no prompt");
    Ok(())
}

/// Templates that are made of several files.
#[test]
fn templates_include_files() -> Result {
    let jinja = python(
        "from jinja2 import Environment, FileSystemLoader\nENV = Environment(loader=FileSystemLoader(\"texts\"))",
        "ENV.get_template(\"sum.j2\").render(rows=rows)",
    );
    let kept = python(
        "from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader\nENV = Environment(loader=ChoiceLoader([FileSystemLoader(\"own\"), DictLoader({\"sum\": \"Add the {{ what }}.\"})]))",
        "ENV.get_template(\"sum\").render(what=\"numbers\")",
    );
    let read = typescript(
        "import fs from \"fs\";\nimport Handlebars from \"handlebars\";\nconst t = Handlebars.compile(fs.readFileSync(\"texts/sum.hbs\", \"utf8\"));",
        "t({})",
    );
    type Files = [(&'static str, &'static str)];
    let cases: &[(&str, &str, &Files, &str)] = &[
        (
            "main.py",
            &jinja,
            &[
                (
                    "texts/sum.j2",
                    "{# why #}Add.{% include 'parts/tone.j2' %}Go.",
                ),
                ("texts/parts/tone.j2", "Be {%- include \"parts/how.j2\" %}."),
                ("texts/parts/how.j2", "brief"),
            ],
            "Add.Be brief.Go.",
        ),
        (
            "main.py",
            &jinja,
            &[
                (
                    "texts/sum.j2",
                    "{% extends \"base.j2\" %}\n{% block task %}Add. {{ super() }}{% endblock %}",
                ),
                (
                    "texts/base.j2",
                    "Hear: {% block task %}Think.{% endblock %} {% block end %}Go.{% endblock end %}",
                ),
            ],
            "Hear: Add. Think. Go.",
        ),
        ("main.py", &kept, &[], "Add the numbers."),
        // What includes itself, and what is not there, brings in nothing.
        (
            "main.py",
            &jinja,
            &[
                ("texts/sum.j2", "Add.{% include ['no.j2', 'b.j2'] %}"),
                ("texts/b.j2", "Go.{% include 'sum.j2' %}"),
            ],
            "Add.Go.{% include 'sum.j2' %}",
        ),
        (
            "main.ts",
            &read,
            &[
                ("texts/sum.hbs", "{{!-- why --}}Add. {{> tone}} Go."),
                ("texts/tone.hbs", "Be brief."),
            ],
            "Add. Be brief. Go.",
        ),
    ];
    for (main, code, templates, wanted) in cases {
        let mut files = vec![(*main, *code)];
        files.extend_from_slice(templates);
        assert_eq!(texts(&files)?, [*wanted], "{templates:?}");
    }
    Ok(())
}

/// Loaders that cannot be followed, asked for a file of the project.
#[test]
fn loaders_are_asked_for_files() -> Result {
    let cases: &[(&str, &str, &str, &str, &str)] = &[
        // A package's loader, given a template's path.
        (
            "from shelf import Texts",
            "Texts.render(\"texts/sum.j2\", kind=\"whole\").strip()",
            "texts/sum.j2",
            "Add the {{ kind }} numbers.",
            "Add the whole numbers.",
        ),
        // The program's own, which asks a database.
        (
            "from store import db\nasync def load_prompt(name):\n    rows = await db.rows()\n    return rows[name]",
            "load_prompt(\"sum\").replace(\"numbers\", \"weights\")",
            "texts/prompts/sum.txt",
            "Add the numbers.",
            "Add the weights.",
        ),
        // A file with a header, by a package that reads it.
        (
            "import shelf",
            "shelf.load(\"prompts/sum.md\").content",
            "prompts/sum.md",
            "Add the numbers.",
            "Add the numbers.",
        ),
        (
            "from shelf import prompts",
            "f\"Now: {prompts.get('sum', lang=lang)}\"",
            "prompts/sum.md",
            "Add the numbers.",
            "Now: Add the numbers.",
        ),
        // No prompt, by its path or by who asks; no file; a path that a prompt names.
        (
            "from shelf import rows",
            "f\"Now: {rows.get('prompts-table/sum')}\"",
            "table/sum.csv",
            "Add the numbers.",
            "Now: {rows.get('prompts-table/sum')}",
        ),
        (
            "from shelf import rows",
            "f\"Now: {rows.get('sum.txt')}\"",
            "table/sum.txt",
            "Add the numbers.",
            "Now: {rows.get('sum.txt')}",
        ),
        (
            "from pathlib import Path",
            "f\"Read {Path('prompts/sum.md')}\"",
            "prompts/sum.md",
            "Add the numbers.",
            "Read prompts/sum.md",
        ),
    ];
    for (before, expression, name, text, wanted) in cases {
        let code = python(before, expression);
        let found = texts(&[("main.py", &code), (name, text)])?;
        assert_eq!(found, [*wanted], "{before}");
    }
    Ok(())
}

/// A crew whose tasks name their agents in YAML.
#[test]
fn crews_name_their_agents() -> Result {
    let code = "from crewai import Agent, Crew, Task\nfrom crewai.project import CrewBase, agent, task\n@CrewBase\nclass Desk:\n    agents_config = \"config/agents.yaml\"\n    tasks_config = \"config/tasks.yaml\"\n    @agent\n    def clerk(self) -> Agent:\n        return Agent(config=self.agents_config[\"clerk\"])\n    @task\n    def add(self) -> Task:\n        return Task(config=self.tasks_config[\"add\"])\n";
    let found = texts(&[
        ("desk/crew.py", code),
        (
            "desk/config/tasks.yaml",
            "add:\n  description: Add the numbers.\n  expected_output: One number.\n  agent: clerk\n",
        ),
        (
            "desk/config/agents.yaml",
            "clerk:\n  role: Clerk\n  goal: Be exact.\n  backstory: You keep the books.\n",
        ),
    ])?;
    assert_eq!(
        found,
        [
            "Add the numbers.",
            "Be exact.",
            "Clerk",
            "One number.",
            "You keep the books."
        ]
    );
    Ok(())
}

/// Settings of many tables that a request may bring with it, asked by keys and by a parameter.
#[test]
fn settings_are_asked_by_keys() -> Result {
    let settings = "from dynaconf import Dynaconf\nfrom starlette_context import context\nkept = Dynaconf(settings_files=[\"p.toml\"])\ndef settings():\n    try:\n        return context[\"settings\"]\n    except Exception:\n        return kept\n";
    let other: String = (0..12).map(|i| format!("[t{i}]\nn = {i}\n\n")).collect();
    let tables = format!("{other}[sum]\ntext = 'Add the numbers.'\n");
    for expression in [
        "settings().get(\"sum\", {}).get(\"text\", \"\")",
        "settings().get(\"sum.text\")",
        "settings().get(table, {}).get(\"text\", \"\")",
    ] {
        let code = python(settings, expression).replace("ask()", "ask(table=\"sum\")");
        let found = texts(&[("main.py", &code), ("p.toml", &tables)])?;
        assert_eq!(found, ["Add the numbers."], "{expression}");
    }
    Ok(())
}

#[test]
fn settings_are_kept_by_one_object() -> Result {
    let yaml = (
        "config/prompts.yaml",
        "ropes: |\n  Check the ropes of {ship}.\n",
    );
    let loader = "from pathlib import Path\nimport yaml\nBASE = Path(__file__).resolve().parent\nclass Loader:\n    _instance = None\n    def __init__(self):\n        self.prompts = self._read(BASE / \"config\" / \"prompts.yaml\")\n    @staticmethod\n    def _read(path: Path):\n        with path.open(\"r\") as f:\n            return yaml.safe_load(f) or {}\n    @classmethod\n    def instance(cls) -> \"Loader\":\n        if cls._instance is None:\n            cls._instance = cls()\n        return cls._instance\n    @staticmethod\n    def only():\n        if Loader._instance is None:\n            Loader._instance = Loader()\n        return Loader._instance\ndef settings():\n    found = Loader._read(BASE / \"config\" / \"other.yaml\").get(\"settings\", {}).copy()\n    found[\"prompts\"] = Loader._read(BASE / \"config\" / \"prompts.yaml\")\n    return found\n";
    let before = "from loader import Loader, settings";
    for expression in [
        "Loader.instance().prompts.get(\"ropes\", \"\").format(ship=ship)",
        "Loader.only().prompts[\"ropes\"].format(ship=ship)",
        "settings().get(\"prompts\", {})[\"ropes\"].format(ship=ship)",
    ] {
        let main = python(before, expression);
        let got = texts(&[yaml, ("loader.py", loader), ("main.py", &main)])?;
        assert_eq!(got, ["Check the ropes of {ship}."], "{expression}");
    }
    Ok(())
}

#[test]
fn a_path_is_what_its_parameter_defaults_to() -> Result {
    let files = [
        ("prompts/ropes.md", "Check the ropes."),
        ("config/prompts.yaml", "ropes: Check the knots.\n"),
    ];
    let desk = "import yaml\nclass Mate:\n    def __init__(self, client, path: str = \"prompts/ropes.md\", settings=\"config/prompts.yaml\"):\n        self.client = client\n        self.settings = settings\n        self.orders = self._read(path)\n        self.prompts = self._settings()\n    def _read(self, path):\n        with open(path, \"r\") as f:\n            return f.read()\n    def _settings(self):\n        try:\n            with open(self.settings) as f:\n                return yaml.safe_load(f)\n        except FileNotFoundError:\n            raise\n    def ask(self):\n        return OpenAI().chat.completions.create(model=\"m\", messages=[{\"role\": \"user\", \"content\": EXPRESSION}])\nfrom openai import OpenAI\n";
    for (expression, text) in [
        ("self.orders", "Check the ropes."),
        ("self.prompts[\"ropes\"]", "Check the knots."),
    ] {
        let main = desk.replace("EXPRESSION", expression);
        let got = texts(&[files[0], files[1], ("main.py", &main)])?;
        assert_eq!(got, [text], "{expression}");
    }
    // What is no file's name says nothing.
    let main = desk
        .replace("prompts/ropes.md", "ropes")
        .replace("EXPRESSION", "self.orders");
    assert_eq!(texts(&[files[0], ("main.py", &main)])?, ["{self.orders}"]);
    let bun = typescript(
        "const path = new URL(\"./prompts/ropes.md\", import.meta.url).pathname;\nconst orders = await Bun.file(path).text();",
        "orders",
    );
    assert_eq!(texts(&[files[0], ("main.ts", &bun)])?, ["Check the ropes."]);
    Ok(())
}

#[test]
fn a_pattern_is_no_part_of_the_prompt() -> Result {
    let main = python(
        "import re\nPATTERN = re.compile(r\"\\{(env:)? ([A-Z]+) as a word\\}\")\ndef tidy(load):\n    return PATTERN.sub(lambda m: m.group(0), load)",
        "tidy(load)",
    );
    assert_eq!(texts(&[("main.py", &main)])?, ["{tidy(load)}"]);
    let main = typescript(
        "const tidy = (s: string) => s.replace(new RegExp('[a-z] and so on', 'g'), '');",
        "tidy(load)",
    );
    assert_eq!(texts(&[("main.ts", &main)])?, ["{tidy(load)}"]);
    Ok(())
}
