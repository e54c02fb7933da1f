//! Prompts whose text another class, a helper or a module loaded late brings: each case is a project
//! whose messages are compared whole.

mod in_memory;

use in_memory::Result;

/// The messages of all calls of a project, as `role: text`, sorted.
fn messages(files: &[(&str, &str)]) -> Result<Vec<String>> {
    let mut out: Vec<String> = in_memory::messages(files)?
        .into_iter()
        .map(|(role, text)| format!("{role}: {text}"))
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

#[test]
fn a_method_declared_to_give_a_model_gives_one() -> Result {
    let got = messages(&[(
        "clerk.py",
        "from abc import abstractmethod\nfrom langchain_core.language_models import BaseLanguageModel\nfrom langchain_core.output_parsers import StrOutputParser\n\nclass Clerk:\n    @abstractmethod\n    def model(self, size: int) -> BaseLanguageModel:\n        raise NotImplementedError()\n\n    def title(self, letter):\n        chain = self.model(3) | StrOutputParser()\n        return chain.invoke(f\"Find a title for {letter}\")\n",
    )])?;
    assert_eq!(got, ["user: Find a title for {letter}"]);
    Ok(())
}

#[test]
fn what_a_subclass_adds_to_an_inherited_wrapper_is_its_own() -> Result {
    let got = messages(&[
        (
            "desk/base.py",
            "from openai import OpenAI\n\nclass Desk:\n    def ask(self, letter):\n        return OpenAI().chat.completions.create(model=\"m\", messages=[{\"role\": \"system\", \"content\": o} for o in self.orders] + [{\"role\": \"user\", \"content\": letter}])\n",
        ),
        (
            "desk/stamps.py",
            "from .base import Desk\n\nclass Stamps(Desk):\n    def __init__(self):\n        self.orders = [\"Stamp every letter once.\", \"Fold it twice.\"]\n\n    def all(self, letters):\n        return [self.ask(letter) for letter in letters]\n",
        ),
    ])?;
    assert_eq!(
        got,
        [
            "system: Fold it twice.",
            "system: Stamp every letter once.",
            "system: {o}",
            "user: {letter}",
            "user: {letter}",
        ]
    );
    Ok(())
}

#[test]
fn an_agent_is_handed_out_by_its_name() -> Result {
    let got = messages(&[
        (
            "mastra.ts",
            "import { Mastra } from \"@mastra/core\";\nimport { Agent } from \"@mastra/core/agent\";\nconst gardener = new Agent({ name: \"g\", instructions: \"You prune apple trees.\", model });\nexport const mastra = new Mastra({ agents: { gardener } });\n",
        ),
        (
            "ask.ts",
            "import { mastra } from \"./mastra\";\nexport const ask = (q: string) => mastra.getAgent(\"gardener\").generate(q);\n",
        ),
    ])?;
    assert_eq!(got, ["system: You prune apple trees.", "user: {q}"]);
    Ok(())
}

#[test]
fn a_chain_class_is_what_its_class_method_makes() -> Result {
    let got = messages(&[(
        "chain.py",
        "from langchain.chains import LLMChain\nfrom langchain.prompts import PromptTemplate\n\nclass Titles(LLMChain):\n    @classmethod\n    def from_llm(cls, llm):\n        prompt = PromptTemplate(template=\"Find a title for {letter}\", input_variables=[\"letter\"])\n        return cls(prompt=prompt, llm=llm)\n\nclass Desk:\n    titles: Titles\n\n    def title(self, letter):\n        return self.titles.run(letter=letter)\n",
    )])?;
    assert_eq!(got, ["template: Find a title for {letter}"]);
    Ok(())
}

#[test]
fn a_wrapper_for_many_models_sends_by_the_branch_that_runs() -> Result {
    let branch = |n: u32| {
        format!(
            "    if old == \"{n}\":\n        return OpenAI().chat.completions.create(model=\"m{n}\", messages=[{{\"role\": \"user\", \"content\": prompt}}])\n"
        )
    };
    let dead: String = (0..5).map(branch).collect();
    let code = format!(
        "from openai import OpenAI\n\ndef ask(prompt, old=\"9\"):\n{dead}    return OpenAI().chat.completions.create(model=\"m\", messages=[{{\"role\": \"user\", \"content\": prompt}}])\n\ndef title(letter):\n    return ask(f\"Find a title for {{letter}}\")\n"
    );
    let got = messages(&[("ask.py", &code)])?;
    assert!(
        got.contains(&"user: Find a title for {letter}".to_owned()),
        "{got:?}"
    );
    Ok(())
}

#[test]
fn settings_that_are_read_have_the_defaults_of_their_class() -> Result {
    let got = messages(&[(
        "desk.py",
        "import json\nfrom pydantic import BaseModel\nfrom openai import OpenAI\n\nclass Prompts(BaseModel):\n    title: str = \"Find a title for {letter}\"\n\nclass Settings(BaseModel):\n    prompts: Prompts = Prompts()\n\ndef load() -> Settings:\n    with open(\"settings.json\") as f:\n        return Settings.model_validate(json.load(f))\n\nSETTINGS = load()\n\ndef title(letter):\n    OpenAI().chat.completions.create(model=\"m\", messages=[{\"role\": \"user\", \"content\": SETTINGS.prompts.title.format(letter=letter)}])\n",
    )])?;
    assert_eq!(got, ["user: Find a title for {letter}"]);
    Ok(())
}

#[test]
fn constants_are_written_out_and_zipped() -> Result {
    let got = messages(&[(
        "desk.py",
        "import json\nfrom openai import OpenAI\n\nSHAPE = {\"title\": \"a short title\", \"pages\": 2}\n\ndef ask(order, letter):\n    OpenAI().chat.completions.create(model=\"m\", messages=[{\"role\": \"system\", \"content\": order}, {\"role\": \"user\", \"content\": letter}])\n\nfor order, letter in zip([f\"Fill this form: {json.dumps(SHAPE)}\"], [\"Dear aunt, it rains.\"]):\n    ask(order, letter)\n",
    )])?;
    assert_eq!(
        got,
        [
            "system: Fill this form: {\n  \"title\": \"a short title\",\n  \"pages\": 2\n}",
            "system: {order}",
            "user: Dear aunt, it rains.",
            "user: {letter}",
        ]
    );
    Ok(())
}

#[test]
fn a_path_may_be_one_of_several() -> Result {
    let got = messages(&[
        (
            "desk.ts",
            "import { readFileSync } from \"fs\";\nimport path from \"path\";\nimport OpenAI from \"openai\";\nexport function ask(short: boolean, letter: string) {\n  const kind = short ? \"short\" : \"long\";\n  const order = readFileSync(path.join(__dirname, `prompts/${kind}.md`), \"utf8\");\n  return new OpenAI().chat.completions.create({ model: \"m\", messages: [{ role: \"system\", content: order }, { role: \"user\", content: letter }] });\n}\n",
        ),
        ("prompts/short.md", "Answer in one line."),
        ("prompts/long.md", "Answer at length."),
    ])?;
    assert_eq!(
        got,
        [
            "system: Answer in one line.\nAnswer at length.\n",
            "user: {letter}"
        ]
    );
    Ok(())
}

#[test]
fn a_mustache_template_is_filled() -> Result {
    let got = messages(&[
        (
            "desk/ask.py",
            "import os, chevron\nfrom openai import OpenAI\n\ndef order(name, fields):\n    path = os.path.join(os.path.dirname(__file__), \"../prompts\", name)\n    return [{\"role\": \"user\", \"content\": chevron.render(open(path).read(), fields)}]\n\ndef ask(letter):\n    OpenAI().chat.completions.create(model=\"m\", messages=order(\"title.user.mustache\", {\"letter\": letter}))\n",
        ),
        ("prompts/title.user.mustache", "Find a title for {{letter}}"),
    ])?;
    assert_eq!(got, ["user: Find a title for {letter}"]);
    Ok(())
}

#[test]
fn bytes_of_an_unknown_body_sent_somewhere_are_no_call() -> Result {
    let got = messages(&[(
        "desk.py",
        "import json\nimport urllib.request\nfrom openai import OpenAI\n\ndef ask(letter):\n    OpenAI().chat.completions.create(model=\"m\", messages=[{\"role\": \"user\", \"content\": f\"Find a title for {letter}\"}])\n\ndef report(host, payload: dict):\n    body = json.dumps(payload).encode()\n    urllib.request.urlopen(urllib.request.Request(host, data=body))\n\ndef main(settings):\n    report(settings[\"host\"], {\"event\": \"asked\"})\n",
    )])?;
    assert_eq!(got, ["user: Find a title for {letter}"]);
    Ok(())
}

#[test]
fn what_a_promise_makes_of_a_text_and_long_lists_are_not_lost() -> Result {
    let got = messages(&[(
        "desk.ts",
        "import OpenAI from \"openai\";\nasync function order() { return \"stamp every letter\"; }\nexport async function ask(letter: string) {\n  const system = await order().then((o) => \"Please \" + o);\n  const days = [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"].map((d) => \"day \" + d).join(\", \");\n  return new OpenAI().chat.completions.create({ model: \"m\", messages: [{ role: \"system\", content: system }, { role: \"user\", content: days + letter }] });\n}\n",
    )])?;
    assert_eq!(
        got,
        [
            "system: Please stamp every letter",
            "user: day 1, day 2, day 3, day 4, day 5, day 6, day 7, day 8, day 9{letter}",
        ]
    );
    Ok(())
}

#[test]
fn what_the_only_construction_gives_holds_for_every_object() -> Result {
    let clerk = "from pathlib import Path\nfrom openai import OpenAI\nfrom settings import Settings\n\nclass Clerk:\n    def __init__(self, settings: Settings, log, greeting):\n        self.log = log\n        self.greeting = greeting\n        self.orders = Path(settings.orders).read_text()\n\n    def run(self, letter):\n        return OpenAI().chat.completions.create(model=\"m\", messages=[{\"role\": \"system\", \"content\": self.orders}, {\"role\": \"user\", \"content\": f\"{self.greeting} {letter}\"}])\n";
    let settings = "from dataclasses import dataclass\nfrom pathlib import Path\n\n@dataclass\nclass Settings:\n    orders: Path\n\n    @classmethod\n    def load(cls):\n        return cls(orders=Path(__file__).parent / \"orders.md\")\n";
    let main = "from clerk import Clerk\nfrom settings import Settings\n\ndef build():\n    return Clerk(Settings.load(), None, greeting=\"Here is the letter:\")\n";
    let files = [
        ("clerk.py", clerk),
        ("settings.py", settings),
        ("orders.md", "Fold every letter twice.\n"),
        ("main.py", main),
    ];
    assert_eq!(
        messages(&files)?,
        [
            "system: Fold every letter twice.\n",
            "user: Here is the letter: {letter}"
        ]
    );
    // A test makes its own and says nothing about the program's.
    let test = (
        "tests/test_clerk.py",
        "from clerk import Clerk\n\ndef test_run():\n    Clerk(None, None, greeting=\"x y z\")\n",
    );
    assert_eq!(messages(&[&files[..], &[test]].concat())?.len(), 2);
    // Made in two places, it is whoever makes it who says.
    let other = (
        "night.py",
        "from clerk import Clerk\n\ndef build_night():\n    return Clerk(None, None, greeting=\"Good night, letter:\")\n",
    );
    let got = messages(&[&files[..], &[other]].concat())?;
    assert_eq!(
        got.last().map(String::as_str),
        Some("user: {self.greeting} {letter}")
    );
    Ok(())
}

#[test]
fn of_an_object_that_is_given_or_made_the_one_that_is_made_counts() -> Result {
    let post = "from openai import OpenAI\n\nclass Router:\n    def call_json(self, messages):\n        return OpenAI().chat.completions.create(model=\"m\", messages=messages)\n\nclass Post:\n    def __init__(self):\n        self.router = Router()\n\n    def call_json(self, system, user):\n        messages = [{\"role\": \"system\", \"content\": system}, {\"role\": \"user\", \"content\": user}]\n        return self.router.call_json(messages)\n";
    let sort = "def sort(letters, post=None):\n    if post is None:\n        from post import Post\n        post = Post()\n    return post.call_json(\"Sort the letters.\", f\"{letters}\")\n";
    let got = messages(&[("post.py", post), ("sort.py", sort)])?;
    assert!(
        got.contains(&"system: Sort the letters.".to_owned())
            && got.contains(&"user: {letters}".to_owned()),
        "{got:#?}"
    );
    Ok(())
}

#[test]
fn records_that_carry_a_prompt_each_are_each_sent() -> Result {
    let desks = "from dataclasses import dataclass\n\n@dataclass\nclass Desk:\n    name: str\n    system_prompt: str\n    lamps: int = 2\n\nDESKS = {\n    \"inbox\": Desk(name=\"inbox\", system_prompt=\"Open the letters.\"),\n    \"outbox\": Desk(name=\"outbox\", system_prompt=\"Seal the letters.\"),\n}\n\ndef desk(name: str) -> Desk | None:\n    return DESKS.get(name)\n";
    let work = "from openai import OpenAI\nfrom desks import Desk\n\nclass Clerk:\n    def __init__(self, desk: Desk):\n        self.desk = desk\n\n    def run(self, letter):\n        return OpenAI().chat.completions.create(model=\"m\", messages=[{\"role\": \"system\", \"content\": self.desk.system_prompt}, {\"role\": \"user\", \"content\": letter}])\n";
    let got = messages(&[("desks.py", desks), ("work.py", work)])?;
    let system = got.first().map(String::as_str).unwrap_or_default();
    assert!(
        system.contains("Open the letters.") && system.contains("Seal the letters."),
        "{got:#?}"
    );
    // What the records are called is no prompt.
    let named = work.replace("self.desk.system_prompt", "self.desk.name");
    let got = messages(&[("desks.py", desks), ("work.py", &named)])?;
    assert_eq!(
        got.first().map(String::as_str),
        Some("system: {self.desk.name}")
    );
    Ok(())
}
