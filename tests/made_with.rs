//! Prompts that depend on what an object was made with, on which arm of a branch ran, or on the reply of
//! another call: each case is a project whose messages are compared.

mod in_memory;

use in_memory::Result;

/// The messages of all calls of a project, as `role: text`, in the order of the calls.
fn messages(files: &[(&str, &str)]) -> Result<Vec<String>> {
    let all = in_memory::messages(files)?.into_iter();
    Ok(all.map(|(role, text)| format!("{role}: {text}")).collect())
}

/// A Python program with a client.
fn python(rest: &str) -> String {
    format!("from openai import OpenAI\nimport house\n\nclient = OpenAI()\n\n{rest}")
}

const SEND: &str = "client.chat.completions.create(model=\"m\", messages=";

#[test]
fn an_object_says_what_the_file_says_that_it_was_made_with() -> Result {
    let program = python(&format!(
        "class Clerk:\n    def __init__(self, orders):\n        self.orders = orders\n\n    def run(self):\n        text = open(f\"prompts/{{self.orders}}\").read()\n        return {SEND}[{{\"role\": \"user\", \"content\": text}}])\n\ndef fold():\n    return Clerk(\"fold.txt\").run()\n\ndef stamp():\n    return Clerk(\"stamp.txt\").run()\n"
    ));
    let got = messages(&[
        ("clerk.py", &program),
        ("prompts/fold.txt", "Fold the letters."),
        ("prompts/stamp.txt", "Stamp the letters."),
    ])?;
    assert!(
        got.contains(&"user: Fold the letters.".to_owned()),
        "{got:?}"
    );
    assert!(
        got.contains(&"user: Stamp the letters.".to_owned()),
        "{got:?}"
    );
    Ok(())
}

#[test]
fn an_arm_that_adds_does_not_take_what_the_other_arm_puts() -> Result {
    let program = python(&format!(
        "def given():\n    return [{{\"role\": \"user\", \"content\": \"Fold the letters.\"}}]\n\ndef run():\n    messages = []\n    if house.open:\n        messages = given()\n    else:\n        messages.append({{\"role\": \"user\", \"content\": \"Stamp the letters.\"}})\n    messages.append({{\"role\": \"user\", \"content\": \"Then rest.\"}})\n    return {SEND}messages)\n"
    ));
    let got = messages(&[("clerk.py", &program)])?;
    assert_eq!(
        got,
        [
            "user: Fold the letters.",
            "user: Stamp the letters.",
            "user: Then rest.",
        ]
    );
    Ok(())
}

#[test]
fn a_branch_on_what_the_constructor_was_given_is_decided() -> Result {
    let python = python(&format!(
        "class Clerk:\n    def __init__(self, brief=False):\n        self.brief = brief\n        self.open = True\n\n    def close(self):\n        self.open = False\n\n    def run(self, text):\n        if self.brief:\n            orders = \"Be brief.\"\n        else:\n            orders = \"Be thorough.\"\n        hours = \"Rest.\" if self.open else \"Sleep.\"\n        return {SEND}[{{\"role\": \"system\", \"content\": orders + hours}}, {{\"role\": \"user\", \"content\": text}}])\n\ndef fold():\n    return Clerk(brief=True).run(\"Fold the letters.\")\n"
    ));
    let got = messages(&[("clerk.py", &python)])?;
    // What another method changes is not.
    let system = got.iter().rev().nth(1);
    assert!(
        system.is_some_and(|s| s.starts_with("system: Be brief.")
            && s.contains("Rest.")
            && s.contains("Sleep.")),
        "{got:?}"
    );
    let typescript = "import OpenAI from \"openai\";\nconst client = new OpenAI();\nclass Clerk {\n  constructor(private readonly brief: boolean) {}\n  run(text: string) {\n    const orders = this.brief ? \"Be brief.\" : \"Be thorough.\";\n    return client.chat.completions.create({ messages: [{ role: \"system\", content: orders }, { role: \"user\", content: text }] });\n  }\n}\nexport const fold = () => new Clerk(true).run(\"Fold the letters.\");\n";
    let got = messages(&[("clerk.ts", typescript)])?;
    assert_eq!(
        &got[got.len() - 2..],
        ["system: Be brief.", "user: Fold the letters."]
    );
    Ok(())
}

#[test]
fn the_reply_of_one_call_brings_no_words_into_the_next() -> Result {
    let program = "async fn ask(client: &reqwest::Client, orders: &str, letter: &str) -> anyhow::Result<String> {\n    let body = serde_json::json!({\"model\": \"m\", \"messages\": [{\"role\": \"system\", \"content\": orders}, {\"role\": \"user\", \"content\": letter}]});\n    let reply: Reply = client.post(\"https://api.openai.com/v1/chat/completions\").json(&body).send().await?.json().await?;\n    Ok(reply.choices.first().map(|c| c.message.content.clone()).unwrap_or_else(|| \"No answer at all\".to_owned()))\n}\n\nasync fn run(client: &reqwest::Client, letter: &str) -> anyhow::Result<()> {\n    let folded = ask(client, \"Fold the letter.\", letter).await?;\n    ask(client, \"Stamp the letter.\", &folded).await?;\n    Ok(())\n}\n";
    let got = messages(&[("src/main.rs", program)])?;
    let said: Vec<&String> = got.iter().filter(|m| !m.contains('{')).collect();
    assert_eq!(
        said,
        ["system: Fold the letter.", "system: Stamp the letter."]
    );
    Ok(())
}

#[test]
fn a_getter_of_an_object_gives_what_it_returns() -> Result {
    let lazy = "import OpenAI from \"openai\";\nlet made: OpenAI | null = null;\nfunction client() {\n  if (!made) made = new OpenAI();\n  return made;\n}\nexport const openai = {\n  get chat() {\n    return client().chat;\n  },\n};\n";
    let caller = "import { openai } from \"./lazy\";\nexport const fold = () => openai.chat.completions.create({ messages: [{ role: \"user\", content: \"Fold the letters.\" }] });\n";
    let got = messages(&[("lazy.ts", lazy), ("caller.ts", caller)])?;
    assert_eq!(got, ["user: Fold the letters."]);
    Ok(())
}
