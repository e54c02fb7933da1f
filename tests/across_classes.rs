//! Prompts whose text another class, a helper or a module loaded late brings: each case is a project
//! whose messages are compared whole.

use std::path::{Path, PathBuf};

use deprompt::catalog::Catalog;
use deprompt::pipeline::{Options, STACK_BYTES, analyze};
use deprompt::rules::RuleSet;
use deprompt::vfs::Overlay;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The messages of all calls of a project, as `role: text`, sorted.
fn messages(files: &[(&str, &str)]) -> Result<Vec<String>> {
    let root = Path::new("/project");
    let mut fs = Overlay::in_memory();
    let mut paths: Vec<PathBuf> = Vec::new();
    for (name, text) in files {
        fs.insert(root.join(name), text.as_bytes());
        if !name.contains("README") {
            paths.push(root.join(name));
        }
    }
    paths.sort();
    let (catalog, rules) = (Catalog::builtin()?, RuleSet::builtin()?);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(STACK_BYTES)
        .build()?;
    let analysis =
        pool.install(|| analyze(root, &paths, &fs, &catalog, &rules, &Options::default()));
    let mut out: Vec<String> = analysis
        .calls
        .iter()
        .flat_map(|c| &c.messages)
        .map(|m| format!("{}: {}", m.role.as_str(), m.text.text))
        .collect();
    out.sort();
    Ok(out)
}

#[test]
fn a_method_that_subclasses_implement_says_what_each_of_them_says() -> Result {
    let base = "from openai import OpenAI\n\nclass Clerk:\n    def orders(self) -> str:\n        raise NotImplementedError\n\n    def run(self, letter):\n        return OpenAI().chat.completions.create(model=\"m\", messages=[{\"role\": \"system\", \"content\": self.orders()}, {\"role\": \"user\", \"content\": letter}])\n";
    let sub = |name: &str, orders: &str| {
        format!(
            "from clerk import Clerk\n\nclass {name}(Clerk):\n    def orders(self) -> str:\n        return \"{orders}\"\n"
        )
    };
    let got = messages(&[
        ("clerk.py", base),
        ("folder.py", &sub("Folder", "Fold every letter twice.")),
        ("stamper.py", &sub("Stamper", "Stamp every letter once.")),
        // It implements nothing that the class declares.
        (
            "idle.py",
            "from clerk import Clerk\n\nclass Idle(Clerk):\n    def rest(self):\n        return \"Rest.\"\n",
        ),
    ])?;
    assert_eq!(
        got,
        [
            "system: Fold every letter twice.\nStamp every letter once.\n",
            "user: {letter}"
        ]
    );
    Ok(())
}

#[test]
fn an_object_that_stands_for_a_module_is_that_module() -> Result {
    let late = "import importlib\n\nclass Late:\n    def __init__(self, name):\n        self._name = name\n\n    def __getattr__(self, attribute):\n        return getattr(importlib.import_module(self._name), attribute)\n\nlitellm = Late(\"litellm\")\n";
    let caller = "from late import litellm\n\ndef ask(**options):\n    return litellm.completion(messages=[{\"role\": \"user\", \"content\": \"Name a harbour.\"}], **options)\n";
    let got = messages(&[("late.py", late), ("caller.py", caller)])?;
    assert_eq!(got, ["user: Name a harbour."]);
    Ok(())
}

#[test]
fn what_is_returned_after_a_try_counts_as_well() -> Result {
    let settings = "from web import context\n\nPROMPTS = {\"orders\": \"Sort the parcels.\"}\n\ndef settings(local=False):\n    try:\n        return context[\"settings\"]\n    except Exception:\n        return PROMPTS\n";
    let caller = "from openai import OpenAI\nfrom settings import settings\n\ndef ask():\n    return OpenAI().responses.create(model=\"m\", input=settings()[\"orders\"])\n";
    let got = messages(&[("settings.py", settings), ("caller.py", caller)])?;
    assert!(
        got.iter().any(|m| m.contains("Sort the parcels.")),
        "{got:?}"
    );
    Ok(())
}

#[test]
fn a_template_class_of_the_project_is_filled() -> Result {
    let code = "from string import Formatter\nfrom openai import OpenAI\n\nclass OrderTemplate:\n    def __init__(self, text):\n        self.text = text\n        self.parts = list(Formatter().parse(text))\n\n    def populate(self, **values):\n        out = []\n        for literal, field, _, _ in self.parts:\n            out.append(literal)\n            out.append(values.get(field))\n        return ''.join(out)\n\ndef ask(parcel):\n    prompt = OrderTemplate(\"Weigh {parcel} and write the weight down.\").populate(parcel=parcel)\n    return OpenAI().chat.completions.create(model=\"m\", messages=[{\"role\": \"user\", \"content\": prompt}])\n";
    let got = messages(&[("template.py", code)])?;
    assert_eq!(got, ["user: Weigh {parcel} and write the weight down."]);
    Ok(())
}

#[test]
fn a_request_handed_to_a_helper_is_sent() -> Result {
    let helper = "use reqwest::{RequestBuilder, Response};\n\npub async fn patiently(request: RequestBuilder) -> anyhow::Result<Response> {\n    Ok(request.try_clone().unwrap().send().await?)\n}\n";
    let main = "mod helper;\nuse helper::patiently;\n\nasync fn ask(client: &reqwest::Client) -> anyhow::Result<()> {\n    let body = serde_json::json!({\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"Name a bridge.\"}]});\n    patiently(client.post(\"https://api.openai.com/v1/chat/completions\").json(&body)).await?;\n    Ok(())\n}\n";
    let got = messages(&[("src/main.rs", main), ("src/helper.rs", helper)])?;
    assert_eq!(got, ["user: Name a bridge."]);
    Ok(())
}

#[test]
fn two_messages_of_which_one_may_be_missing_are_two_messages() -> Result {
    let code = "use async_openai::{types::*, Client};\n\nfn orders(text: &str) -> Result<Option<ChatCompletionRequestMessage>> {\n    if text.is_empty() {\n        return Ok(None);\n    }\n    let message = ChatCompletionRequestSystemMessageArgs::default().content(text).build()?;\n    Ok(Some(ChatCompletionRequestMessage::System(message)))\n}\n\nasync fn ask(text: &str) -> Result<()> {\n    let mut messages = Vec::new();\n    if let Some(system) = orders(text)? {\n        messages.push(system);\n    }\n    messages.push(ChatCompletionRequestUserMessageArgs::default().content(\"Name a lighthouse.\").build()?.into());\n    let request = CreateChatCompletionRequestArgs::default().model(\"m\").messages(messages).build()?;\n    Client::new().chat().create(request).await?;\n    Ok(())\n}\n";
    let got = messages(&[("src/main.rs", code)])?;
    assert_eq!(got, ["system: {text}", "user: Name a lighthouse."]);
    Ok(())
}

#[test]
fn words_that_change_in_a_sentence_do_not_cut_it() -> Result {
    let code = "import OpenAI from \"openai\";\nconst client = new OpenAI();\nexport const ask = (many: boolean) => client.chat.completions.create({ model: \"m\", messages: [{ role: \"user\", content: `Count the ${many ? \"parcels\" : \"parcel\"} on the cart.` }] });\n";
    assert_eq!(
        messages(&[("ask.ts", code)])?,
        ["user: Count the parcels on the cart."]
    );
    Ok(())
}

#[test]
fn a_document_about_the_project_is_no_prompt() -> Result {
    let code = "import openai\n\ndef ask(question):\n    about = open(\"README.md\").read()\n    return openai.chat.completions.create(model=\"m\", messages=[{\"role\": \"user\", \"content\": about}])\n";
    let got = messages(&[
        ("ask.py", code),
        ("README.md", "Return ONLY valid JSON, no markdown."),
    ])?;
    assert!(got.iter().all(|m| !m.contains("JSON")), "{got:?}");
    Ok(())
}
