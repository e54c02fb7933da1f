//! The shapes in which programs write messages: each is one call whose messages are compared whole.

mod in_memory;

use in_memory::Result;

/// The messages of all calls of a file, as `role: text`.
fn messages(name: &str, code: &str) -> Result<Vec<String>> {
    messages_beside(name, code, &[])
}

/// The same, with files beside it that are no source.
fn messages_beside(name: &str, code: &str, others: &[(&str, &str)]) -> Result<Vec<String>> {
    let mut files = vec![(name, code)];
    files.extend(others);
    let messages = in_memory::messages(&files)?.into_iter();
    Ok(messages
        .map(|(role, text)| format!("{role}: {text}"))
        .collect())
}

/// The messages of `create(messages=EXPRESSION)` after some statements.
fn python(before: &str, expression: &str) -> Result<Vec<String>> {
    let code = format!(
        "from openai import OpenAI\nclient = OpenAI()\n\ndef ask(question, history):\n    {}\n    return client.chat.completions.create(model=\"m\", messages={expression})\n",
        before.replace('\n', "\n    ")
    );
    messages("shape.py", &code)
}

/// The same in TypeScript.
fn typescript(before: &str, expression: &str) -> Result<Vec<String>> {
    let code = format!(
        "import OpenAI from \"openai\";\nconst client = new OpenAI();\nexport async function ask(question: string, history: Message[]) {{\n{before}\nreturn client.chat.completions.create({{ model: \"m\", messages: {expression} }});\n}}\n"
    );
    messages("shape.ts", &code)
}

#[test]
fn a_list_of_role_maps() -> Result {
    let got = python(
        "",
        r#"[{"role": "system", "content": "Be terse."}, {"role": "user", "content": question}]"#,
    )?;
    assert_eq!(got, ["system: Be terse.", "user: {question}"]);
    Ok(())
}

#[test]
fn keyword_maps_and_roles_from_constants() -> Result {
    let got = python(
        "SYSTEM = \"system\"",
        r#"[dict(role=SYSTEM, content="Be terse."), dict(role="assistant", content="Ready.")]"#,
    )?;
    assert_eq!(got, ["system: Be terse.", "assistant: Ready."]);
    Ok(())
}

#[test]
fn parts_of_one_message_are_one_message() -> Result {
    let got = python(
        "",
        r#"[{"role": "user", "content": [{"type": "text", "text": "Name the bird."}, {"type": "image_url", "image_url": {"url": question}}, {"type": "text", "text": "Be sure."}]}]"#,
    )?;
    assert_eq!(got, ["user: Name the bird.\n{image}\nBe sure."]);
    Ok(())
}

#[test]
fn a_list_grown_statement_by_statement() -> Result {
    let got = python(
        "messages = []\nmessages.append({\"role\": \"system\", \"content\": \"Be terse.\"})\nif question:\n    messages.append({\"role\": \"user\", \"content\": f\"Q: {question}\"})",
        "messages",
    )?;
    assert_eq!(got, ["system: Be terse.", "user: Q: {question}"]);
    Ok(())
}

#[test]
fn lists_joined_with_plus_and_spread() -> Result {
    let sum = python(
        "",
        r#"[{"role": "system", "content": "Be terse."}] + history"#,
    )?;
    assert_eq!(sum.first().map(String::as_str), Some("system: Be terse."));
    assert_eq!(sum.len(), 2);
    let spread = typescript(
        "",
        r#"[{ role: "system", content: "Be terse." }, ...history, { role: "user", content: question }]"#,
    )?;
    assert_eq!(
        spread.first().map(String::as_str),
        Some("system: Be terse.")
    );
    assert_eq!(spread.last().map(String::as_str), Some("user: {question}"));
    Ok(())
}

#[test]
fn either_of_two_texts() -> Result {
    let got = typescript(
        "const style = question ? \"Answer in verse.\" : \"Answer in prose.\";",
        r#"[{ role: "user", content: style }]"#,
    )?;
    assert_eq!(got, ["user: Answer in verse.\nAnswer in prose.\n"]);
    Ok(())
}

#[test]
fn tuples_of_role_and_text() -> Result {
    let code = r#"
from langchain_openai import ChatOpenAI
llm = ChatOpenAI()
a = llm.invoke([("system", "Be terse."), ("human", question)])
"#;
    assert_eq!(
        messages("t.py", code)?,
        ["system: Be terse.", "user: {question}"]
    );
    Ok(())
}

#[test]
fn a_role_given_to_a_message_constructor() -> Result {
    let code = r#"
from llama_index.llms.openai import OpenAI
from llama_index.core.llms import ChatMessage, MessageRole
llm = OpenAI()
a = llm.chat([ChatMessage(role=MessageRole.SYSTEM, content="Be terse."), ChatMessage(role="user", content=q)])
"#;
    assert_eq!(messages("t.py", code)?, ["system: Be terse.", "user: {q}"]);
    Ok(())
}

#[test]
fn bare_parts_keep_their_own_expressions() -> Result {
    let code = r#"
import google.generativeai as genai
model = genai.GenerativeModel("m")
def ask(photo, question: str):
    return model.generate_content(["Look at this.", photo, "Then answer: " + question])
"#;
    assert_eq!(
        messages("t.py", code)?,
        ["user: Look at this.\n{photo}\nThen answer: {question}"]
    );
    Ok(())
}

#[test]
fn a_template_that_was_filled_is_text() -> Result {
    let code = r#"
from langchain_core.prompts import PromptTemplate
from langchain_openai import ChatOpenAI
p = PromptTemplate.from_template("Define {word} for {who}.")
a = ChatOpenAI().invoke(p.format(word=w, who="children"))
"#;
    assert_eq!(messages("t.py", code)?, ["user: Define {w} for children."]);
    Ok(())
}

#[test]
fn a_role_enum_and_a_builder_in_rust() -> Result {
    let code = r#"
use async_openai::types::{ChatCompletionRequestSystemMessageArgs, ChatCompletionRequestUserMessageArgs, CreateChatCompletionRequestArgs};
use async_openai::Client;

async fn ask(question: &str) -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::new();
    let request = CreateChatCompletionRequestArgs::default()
        .model("m")
        .messages([
            ChatCompletionRequestSystemMessageArgs::default().content("Be terse.").build()?.into(),
            ChatCompletionRequestUserMessageArgs::default().content(format!("Q: {question}")).build()?.into(),
        ])
        .build()?;
    let reply = client.chat().create(request).await?;
    Ok(())
}
"#;
    assert_eq!(
        messages("t.rs", code)?,
        ["system: Be terse.", "user: Q: {question}"]
    );
    Ok(())
}

#[test]
fn a_crew_configured_in_yaml() -> Result {
    let code = r#"
from crewai import Agent, Task
from crewai.project import CrewBase, agent, task

@CrewBase
class Desk:
    agents_config = "config/agents.yaml"

    @agent
    def editor(self) -> Agent:
        return Agent(config=self.agents_config["editor"])

    @task
    def edit(self) -> Task:
        return Task(config=self.tasks_config["edit"], agent=self.editor())
"#;
    let tasks = "edit:\n  description: >\n    Shorten {text}\n    by half.\n  expected_output: One paragraph.\n";
    let agents = "editor:\n  role: Editor\n  goal: 'Good prose'\n";
    let got = messages_beside(
        "src/desk.py",
        code,
        &[
            ("src/config/tasks.yaml", tasks),
            ("src/config/agents.yaml", agents),
        ],
    )?;
    assert_eq!(
        got,
        [
            "system: Editor",
            "system: Good prose",
            "user: Shorten {text} by half.",
            "user: One paragraph."
        ]
    );
    Ok(())
}

#[test]
fn entries_of_a_loaded_yaml_file() -> Result {
    let code = r#"
import yaml
from openai import OpenAI

with open("prompts.yaml") as file:
    prompts = yaml.safe_load(file)

def ask(question):
    return OpenAI().responses.create(model="m", instructions=prompts["tutor"]["system"], input=question)
"#;
    let got = messages_beside(
        "ask.py",
        code,
        &[(
            "prompts.yaml",
            "tutor:\n  system: |\n    Teach.\n    Be kind.\n",
        )],
    )?;
    assert_eq!(got, ["system: Teach.\nBe kind.", "user: {question}"]);
    Ok(())
}

#[test]
fn a_script_that_shows_everything_through_one_module() -> Result {
    let mut code = String::from(
        "import streamlit as st\nfrom openai import OpenAI\nclient = OpenAI()\n\ndef ask(source):\n    return client.completions.create(model=\"m\", prompt=source)\n\n",
    );
    for i in 0..300 {
        code.push_str(&format!("st.write(st.session_state.a{i}, st.session_state.b{i})\nst.session_state.c{i} = st.text_input(\"Value {i}\")\n"));
    }
    code.push_str("topic = st.session_state.topics[st.session_state.key]\nout = ask(f\"Write a voice over in {st.session_state.limit} words: {topic['content']}\")\n");
    assert_eq!(
        messages("app.py", &code)?.last().map(String::as_str),
        Some("user: Write a voice over in {st.session_state.limit} words: {topic['content']}")
    );
    Ok(())
}

#[test]
fn conditions_on_parameters_choose_for_each_caller() -> Result {
    let code = r#"
from openai import OpenAI
client = OpenAI()

def build(kind, tone=None):
    if kind == "title":
        text = "Write a title of five words."
    elif kind == "moral":
        text = "Write the moral of the tale."
    else:
        text = "Write the whole tale again."
    if tone is not None:
        text += " Be " + tone + "."
    return text

def send(text, as_json=False):
    options = {}
    if as_json:
        options["response_format"] = {"type": "json_object"}
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}], **options)

send(build("title"), as_json=True)
send(build("moral", tone="grave"))
"#;
    let got = messages("tale.py", code)?;
    assert_eq!(
        got,
        [
            "user: {text}",
            "user: Write a title of five words.",
            "user: Write the moral of the tale. Be grave.",
        ]
    );
    Ok(())
}

#[test]
fn a_switch_at_the_top_of_a_module_keeps_both_sides() -> Result {
    let got = python(
        "BRIEF = True\nif BRIEF:\n    text = \"Be brief, please.\"\nelse:\n    text = \"Take your time.\"",
        r#"[{"role": "user", "content": text}]"#,
    )?;
    assert_eq!(got, ["user: Be brief, please.\nTake your time.\n"]);
    Ok(())
}

#[test]
fn a_part_of_a_list_keeps_its_items() -> Result {
    let got = python(
        "found = [{\"role\": \"user\", \"content\": question}, {\"role\": \"system\", \"content\": \"Be terse.\"}]",
        "found[::-1]",
    )?;
    assert_eq!(got, ["system: Be terse.", "user: {question}"]);
    Ok(())
}

#[test]
fn a_template_once_formatted_is_text() -> Result {
    let code = r#"
from langchain_core.prompts import PromptTemplate
from openai import OpenAI
client = OpenAI()
recap = PromptTemplate.from_template("Recap the match of {team} in two lines.")

def ask(text):
    return client.responses.create(model="m", input=text.strip())

ask(recap.format(team="the reds"))
"#;
    let got = messages("recap.py", code)?;
    assert_eq!(
        got.last().map(String::as_str),
        Some("user: Recap the match of the reds in two lines.")
    );
    Ok(())
}

#[test]
fn a_template_class_whose_subclasses_name_the_file() -> Result {
    let code = r#"
from pathlib import Path
from jinja2 import Environment, FileSystemLoader
from openai import OpenAI

class Prompt:
    text = None
    path = None
    def __init__(self, **values):
        self.values = values
        if self.text:
            self.template = Environment().from_string(self.text)
        elif self.path:
            where = Path(__file__).parent / "texts"
            self.template = Environment(loader=FileSystemLoader(where)).get_template(self.path)
        self.done = None
    def render(self):
        if self.done is None:
            self.done = self.template.render(**self.values)
        return self.done

class Mend(Prompt):
    path = "mend.j2"

class Praise(Prompt):
    text = "Praise {{ name }} in one line."

class Backend:
    def send(self, text):
        return self.completions.create(model="m", messages=[{"role": "user", "content": text}])

class Hosted(Backend):
    def __init__(self):
        self.completions = OpenAI().chat.completions

Hosted().send(Mend(broken=thing).render())
Hosted().send(Praise(name=person).render())
"#;
    let got = messages_beside(
        "mend.py",
        code,
        &[("texts/mend.j2", "Mend {{ broken }} at once.")],
    )?;
    assert_eq!(
        got,
        [
            "user: {text}",
            "user: Mend {thing} at once.",
            "user: Praise {person} in one line.",
        ]
    );
    Ok(())
}

#[test]
fn a_registry_of_templates() -> Result {
    let code = r#"
use async_openai::types::{ChatCompletionRequestUserMessageArgs, CreateChatCompletionRequestArgs};
use tera::{Context, Tera};

const RECAP: &str = "Recap {{ match }} in two lines.";

async fn recap(client: &Client<OpenAIConfig>, game: &str) {
    let mut tera = Tera::default();
    tera.add_raw_template("recap", RECAP);
    let mut context = Context::new();
    context.insert("match", game);
    let text = tera.render("recap", &context).unwrap();
    let request = CreateChatCompletionRequestArgs::default()
        .messages([ChatCompletionRequestUserMessageArgs::default().content(text).build()?.into()])
        .build()?;
    client.chat().create(request).await?;
}
"#;
    let got = messages("recap.rs", code)?;
    assert_eq!(got, ["user: Recap {game} in two lines."]);
    Ok(())
}

#[test]
fn a_function_that_a_macro_turns_into_its_documentation() -> Result {
    let code = r#"
use async_openai::types::{ChatCompletionRequestSystemMessageArgs, CreateChatCompletionRequestArgs};
use doc_prompts::prompt_of_docs;

#[prompt_of_docs]
fn name_the_bird(_song: &str) {
    /// Takes a song in words
    /// Names the bird that sings it
    println!(OUTPUT)
}

async fn ask(client: &Client<OpenAIConfig>, song: &str, task: for<'a> fn(&'a str) -> &'static str) {
    let task: &str = task(song);
    let message = ChatCompletionRequestSystemMessageArgs::default().content(format!("{} Song: {}", task, song)).build()?;
    let request = CreateChatCompletionRequestArgs::default().messages([message.into()]).build()?;
    client.chat().create(request).await?;
}

async fn listen(client: &Client<OpenAIConfig>, song: &str) {
    ask(client, song, name_the_bird).await;
}
"#;
    let got = messages("birds.rs", code)?;
    assert_eq!(
        got.last().map(String::as_str),
        Some("system: Takes a song in words\nNames the bird that sings it Song: {song}")
    );
    Ok(())
}

#[test]
fn what_only_looks_like_messages_is_none() -> Result {
    let code = r#"
from slack_sdk import WebClient
client = WebClient()
client.chat.postMessage(channel="c", text="Deploy is done, everybody.")
def create(messages):
    return [m["content"] for m in messages]
create(messages=[{"role": "user", "content": "Not a call to a model."}])
"#;
    assert_eq!(messages("t.py", code)?, Vec::<String>::new());
    Ok(())
}

/// The messages of a chat over HTTP whose request is `EXPRESSION` in Rust.
fn rust(items: &str, before: &str, expression: &str) -> Result<Vec<String>> {
    let code = format!(
        "{items}\nasync fn ask(http: &reqwest::Client, question: &str) -> anyhow::Result<()> {{\n    {before}\n    http.post(\"https://api.openai.com/v1/chat/completions\").json(&serde_json::json!({{\"model\": \"m\", \"messages\": {expression}}})).send().await?;\n    Ok(())\n}}\n"
    );
    messages("shape.rs", &code)
}

#[test]
fn rust_text_that_a_type_writes() -> Result {
    let display = "struct Order { dish: String }\nimpl std::fmt::Display for Order {\n    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {\n        writeln!(f, \"Cook a {}.\", self.dish)?;\n        write!(f, \"Serve it warm.\")\n    }\n}";
    let got = rust(
        display,
        "let order = Order { dish: question.to_string() };",
        r#"[{"role": "user", "content": order.to_string()}, {"role": "user", "content": format!("{order} Now.")}]"#,
    )?;
    assert_eq!(
        got,
        [
            "user: Cook a {self.dish}.\nServe it warm.",
            "user: Cook a {self.dish}.\nServe it warm. Now."
        ]
    );
    let got = rust(
        "#[derive(askama::Template)]\n#[template(source = \"Cook {{ dish }} today.\", ext = \"txt\")]\nstruct Order<'a> { dish: &'a str }",
        "let text = Order { dish: question }.render()?;",
        r#"[{"role": "user", "content": text}]"#,
    )?;
    assert_eq!(got, ["user: Cook {question} today."]);
    Ok(())
}

#[test]
fn rust_fields_filled_by_default() -> Result {
    let got = rust(
        "#[derive(serde::Deserialize)]\npub struct Settings {\n    #[serde(default = \"Settings::tone\")]\n    tone: String,\n    #[serde(default = \"model\")]\n    model: String,\n}\nfn model() -> String { \"gpt-4o\".into() }\nimpl Settings { fn tone() -> String { \"Speak like a sailor.\".into() } }\npub struct Bot { settings: Settings }\nimpl Bot {\n    fn tone(&self) -> String { format!(\"{} ({})\", self.settings.tone, self.settings.model) }\n}",
        "let settings: Settings = confy::load(\"app\", None)?;\n    let bot = Bot { settings };",
        r#"[{"role": "system", "content": bot.tone()}]"#,
    )?;
    assert_eq!(
        got,
        ["system: Speak like a sailor. ({self.settings.model})"]
    );
    Ok(())
}

#[test]
fn rust_messages_of_a_package_that_nothing_is_known_of() -> Result {
    let got = rust(
        "use chat_kit::{Message, Role};",
        "let first = std::iter::once(Message::system(\"Be terse.\"));",
        r#"first.chain(std::iter::once(Message::new(Role::User, question))).collect::<Vec<_>>()"#,
    )?;
    assert_eq!(got, ["system: Be terse.", "user: {question}"]);
    Ok(())
}

#[test]
fn what_a_schema_says_is_sent() -> Result {
    let zod = r#"import { z } from "zod";
import { generateObject } from "ai";
const Port = z.object({ name: z.string().describe("Name of the port"), depth: z.number().min(1) });
export const read = (chart: string) => generateObject({ model, prompt: `Read the chart ${chart}.`,
  schema: z.object({ ports: z.array(Port).describe("All ports, north first") }) });
"#;
    let json = r#"import OpenAI from "openai";
export const read = (chart: string) => new OpenAI().chat.completions.create({ model: "m", messages: [{ role: "user", content: `Read the chart ${chart}.` }],
  response_format: { type: "json_schema", json_schema: { name: "c", schema: { type: "object", properties: {
    description: { type: "string", description: "One line on the coast" } } } } } });
"#;
    let pydantic = r#"from typing import Annotated
from pydantic import BaseModel, Field
from openai import OpenAI

class Port(BaseModel):
    name: str = Field(description="Name of the port")

class Chart(BaseModel):
    ports: list[Port] = Field(default=[], description="All ports, north first")

def read(chart):
    return OpenAI().beta.chat.completions.parse(model="m", messages=[{"role": "user", "content": f"Read the chart {chart}."}], response_format=Chart)
"#;
    let user = "user: Read the chart {chart}.";
    assert_eq!(
        messages("zod.ts", zod)?,
        [
            user,
            "description: Name of the port\nAll ports, north first"
        ]
    );
    assert_eq!(
        messages("json.ts", json)?,
        [user, "description: One line on the coast"]
    );
    assert_eq!(
        messages("chart.py", pydantic)?,
        [
            user,
            "description: All ports, north first\nName of the port"
        ]
    );
    Ok(())
}

#[test]
fn what_a_page_keeps_between_runs() -> Result {
    let page = r#"import streamlit as st
from openai import OpenAI
client = OpenAI()
if "messages" not in st.session_state:
    st.session_state.messages = [{"role": "system", "content": "You know every lighthouse."}]
if st.button("Again"):
    st.session_state["messages"] = []
if question := st.chat_input("Ask"):
    st.session_state["messages"].append({"role": "user", "content": question})
    client.chat.completions.create(model="m", messages=st.session_state.messages)
"#;
    assert_eq!(
        messages("page.py", page)?,
        ["system: You know every lighthouse.", "user: {question}"]
    );
    Ok(())
}

#[test]
fn a_list_of_texts_printed_is_text() -> Result {
    let got = python(
        "hints = []\nif history:\n    hints.append(\"Mind the tide.\")\ntext = \"Plan the crossing. \" + str(hints)",
        r#"[{"role": "user", "content": text}]"#,
    )?;
    assert_eq!(got, ["user: Plan the crossing. Mind the tide."]);
    Ok(())
}

#[test]
fn the_arms_of_a_match() -> Result {
    let got = typescript(
        "const system = match(question).with(\"a\", \"b\", () => \"Be brief.\").when((q) => q.length > 9, () => \"Be calm.\").otherwise(() => \"Be kind.\");",
        r#"[{ role: "system", content: system }]"#,
    )?;
    assert_eq!(got, ["system: {system}"], "a match of nobody knows whose");
    let code = r#"import OpenAI from "openai";
import { match } from "ts-pattern";
export async function ask(question: string) {
  const system = match(question).with("a", "b", () => "Be brief.").when((q) => q.length > 9, () => "Be calm.").otherwise(() => "Be kind.");
  const fixed = match("b").with("a", () => "Be loud.").with("b", () => "Be low.").run();
  return new OpenAI().chat.completions.create({ model: "m", messages: [{ role: "system", content: system }, { role: "user", content: fixed }] });
}
"#;
    assert_eq!(
        messages("match.ts", code)?,
        ["system: Be brief.\nBe calm.\nBe kind.\n", "user: Be low."]
    );
    Ok(())
}

#[test]
fn the_first_message_apart_from_the_rest() -> Result {
    let code = "import typing\nfrom anthropic import Anthropic\n\ndef send(messages):\n    rest = [{\"role\": m[\"role\"], \"content\": m[\"content\"]} for m in messages[1:]]\n    rest = typing.cast(list[dict], rest)\n    return Anthropic().messages.create(model=\"m\", system=messages[0][\"content\"], messages=rest)\n\ndef go(x):\n    return send([{\"role\": \"system\", \"content\": \"You weigh stones.\"}, {\"role\": \"user\", \"content\": f\"Weigh {x}.\"}])\n";
    let got = messages("shape.py", code)?;
    let of_go: Vec<&str> = got.iter().rev().take(2).rev().map(String::as_str).collect();
    assert_eq!(of_go, ["system: You weigh stones.", "user: Weigh {x}."]);
    Ok(())
}

#[test]
fn an_item_taken_by_chance_is_any_item() -> Result {
    let tones = "tones = [\"You are a cook.\", \"You are a smith.\"]\n    import random, itertools";
    let either = ["user: You are a cook.\nYou are a smith.\n Go."];
    for taken in [
        "random.choice(tones)",
        "random.sample(tones, 1)[0]",
        "next(itertools.cycle(tones))",
    ] {
        let message = format!("[{{\"role\": \"user\", \"content\": f\"{{{taken}}} Go.\"}}]");
        assert_eq!(python(tones, &message)?, either, "{taken}");
    }
    let words = "words = [\"Rome\", \"Bern\"]\n    import random";
    let message = "[{\"role\": \"user\", \"content\": f\"Go to {random.choice(words)}.\"}]";
    assert_eq!(
        python(words, message)?,
        ["user: Go to {random.choice(words)}."]
    );
    let tones = "const tones = [\"You are a cook.\", \"You are a smith.\"];";
    for taken in [
        "tones[Math.floor(Math.random() * tones.length)]",
        "tones.at(question.length)",
    ] {
        let message = format!("[{{ role: \"user\", content: `${{{taken}}} Go.` }}]");
        assert_eq!(typescript(tones, &message)?, either, "{taken}");
    }
    Ok(())
}
