//! Suggestions: the replacement fits the words that ask for the work.

use deprompt::check::check_all;
use deprompt::finding::Suggestion;
use deprompt::language::Language;
use deprompt::rules::cases::call_of;
use deprompt::rules::schema::Case;
use deprompt::rules::{Kind, RuleSet};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The suggestion of the first finding that has one.
fn suggestion(case: &Case, language: Language, api: &str, rules: &RuleSet) -> Result<Suggestion> {
    let (mut call, files) = call_of(case)?;
    call.language = language;
    api.clone_into(&mut call.api);
    check_all(&[call], &files, rules)
        .into_iter()
        .find_map(|f| f.suggestion)
        .ok_or_else(|| format!("no suggestion for {:?}", case.prompt).into())
}

fn code(prompt: &str, language: Language, rules: &RuleSet) -> Result<String> {
    let case = Case {
        prompt: prompt.to_owned(),
        ..Case::default()
    };
    Ok(suggestion(&case, language, "openai/chat-completions", rules)?.code)
}

#[test]
fn the_code_does_what_the_words_ask() -> Result {
    let rules = RuleSet::builtin()?;
    for (prompt, expected) in [
        (
            "Format {day: datetime} as DD/MM/YYYY.",
            "reply = day.strftime(\"%d/%m/%Y\")",
        ),
        (
            "Convert {moment: datetime} to ISO 8601. Output only the date.",
            "reply = moment.isoformat()",
        ),
        (
            "Write the amount {amount: float} as US dollars with two decimals.",
            "reply = f\"${amount:,.2f}\"",
        ),
        (
            "Sum all the values in the array {amounts: list[int]}.",
            "reply = sum(amounts)",
        ),
        (
            "Compute the average of these temperatures: {temps: list[float]}",
            "reply = statistics.mean(temps)",
        ),
        (
            "Return the median of {ages: list[int]}.",
            "reply = statistics.median(ages)",
        ),
        (
            "Pull out all URLs: {html}",
            "reply = re.findall(r'https?://[^\\s)>\\]]+', html)",
        ),
        (
            "Get every e-mail address out of this page: {html}",
            "reply = re.findall(r'[\\w.+-]+@[\\w-]+\\.[\\w.]+', html)",
        ),
        (
            "How many words does {line: Id} have?",
            "reply = len(line.split())",
        ),
        (
            "How many rows are in this table? {rows: list}",
            "reply = len(rows)",
        ),
        (
            "Sort these numbers in descending order: {readings: list[float]}",
            "reply = sorted(readings, reverse=True)",
        ),
        ("Is {value: int} odd?", "reply = value % 2 == 1"),
        ("What is 18 * 7?", "reply = 18 * 7"),
        (
            "Convert {celsius: float} Celsius to Fahrenheit.",
            "reply = celsius * 9 / 5 + 32",
        ),
        (
            "Remove duplicate entries from {items: list[str]}.",
            "reply = list(dict.fromkeys(items))",
        ),
    ] {
        assert_eq!(
            code(prompt, Language::Python, &rules)?,
            expected,
            "{prompt}"
        );
    }
    assert_eq!(
        code(
            "Format {day: Date} as DD/MM/YYYY.",
            Language::TypeScript,
            &rules
        )?,
        "const reply = format(day, \"dd/MM/yyyy\");"
    );
    assert_eq!(
        code(
            "Format {day: NaiveDate} as DD/MM/YYYY.",
            Language::Rust,
            &rules
        )?,
        "let reply = day.format(\"%d/%m/%Y\").to_string();"
    );
    Ok(())
}

#[test]
fn nothing_is_left_to_fill_in() -> Result {
    let rules = RuleSet::builtin()?;
    for rule in rules.iter().filter(|r| r.kind == Kind::Task) {
        let mut names: Vec<String> = ["input", "input2", "inputs", "reply"]
            .into_iter()
            .chain(["strftime", "date_pattern"])
            .map(|n| format!("{{{n}}}"))
            .collect();
        for v in &rule.variants {
            for group in v.when.split("(?P<").skip(1) {
                names.extend(group.split_once('>').map(|(n, _)| format!("{{{n}}}")));
            }
        }
        for case in &rule.matches {
            for language in [Language::Python, Language::TypeScript, Language::Rust] {
                let (mut call, files) = call_of(case)?;
                call.language = language;
                for f in check_all(&[call], &files, &rules) {
                    let Some(s) = f.suggestion.filter(|_| f.rule == rule.id) else {
                        continue;
                    };
                    if let Some(name) = names.iter().find(|n| s.code.contains(n.as_str())) {
                        return Err(format!("{}: {name} in {}", rule.id, s.code).into());
                    }
                    assert!(
                        s.code.is_empty()
                            || s.code.contains("reply")
                            || s.code.contains("result")
                            || language == Language::Rust
                            || s.code.contains("if "),
                        "{}: {}",
                        rule.id,
                        s.code
                    );
                }
            }
        }
    }
    Ok(())
}

#[test]
fn a_contract_names_the_parameter_of_the_sdk_and_only_known_fields() -> Result {
    let rules = RuleSet::builtin()?;
    let case = |prompt: &str| Case {
        prompt: prompt.to_owned(),
        ..Case::default()
    };
    let known = case(
        "Describe the town {town}. Respond only with JSON: {\"name\": \"string\", \"age\": 0}",
    );
    let s = suggestion(&known, Language::Python, "openai/responses", &rules)?;
    assert_eq!(
        s.code,
        "class Reply(BaseModel):\n    name: str\n    age: int"
    );
    assert!(s.note.contains("text_format"), "{}", s.note);
    let s = suggestion(
        &known,
        Language::TypeScript,
        "vercel-ai/generate-text",
        &rules,
    )?;
    assert!(s.note.contains("Output.object"), "{}", s.note);
    let s = suggestion(&known, Language::Rust, "rig/prompt", &rules)?;
    assert!(s.note.contains("extractor"), "{}", s.note);

    let unknown = case("Describe the town {town}. Respond only with a valid JSON object.");
    let s = suggestion(&unknown, Language::Python, "anthropic/messages", &rules)?;
    assert!(s.code.is_empty() && s.imports.is_empty(), "{}", s.code);
    assert!(s.note.contains("output_config"), "{}", s.note);

    let flag = case("Is the tone of {message} friendly? Reply with only yes or no.");
    let s = suggestion(&flag, Language::Python, "langchain/chain", &rules)?;
    assert_eq!(s.code, "class Reply(BaseModel):\n    answer: bool");
    assert!(s.note.contains("with_structured_output"), "{}", s.note);
    Ok(())
}

#[test]
fn a_schema_is_written_in_each_language() -> Result {
    let rules = RuleSet::builtin()?;
    let case = Case {
        prompt: "Rate the tone of {article}. Respond only with JSON: {\"score\": 0.0 to 1.0, \"order-id\": null or the number, \"type\": \"positive\" | \"negative\", \"tags\": string[]}".to_owned(),
        ..Case::default()
    };
    let s = suggestion(&case, Language::Python, "openai/responses", &rules)?;
    assert_eq!(
        s.code,
        "class Reply(BaseModel):\n    score: float\n    order_id: float | None = Field(alias=\"order-id\")\n    type: Literal[\"positive\", \"negative\"]\n    tags: list[str]"
    );
    let s = suggestion(&case, Language::TypeScript, "openai/responses", &rules)?;
    assert_eq!(
        s.code,
        "const Reply = z.object({\n  score: z.number(),\n  \"order-id\": z.number().nullable(),\n  type: z.enum([\"positive\", \"negative\"]),\n  tags: z.array(z.string()),\n});"
    );
    let s = suggestion(&case, Language::Rust, "rig/prompt", &rules)?;
    assert!(
        s.code.ends_with("    score: f64,\n    #[serde(rename = \"order-id\")]\n    order_id: Option<f64>,\n    r#type: Type,\n    tags: Vec<String>,\n}"),
        "{}",
        s.code
    );
    Ok(())
}

#[test]
fn a_note_on_a_field_needs_a_field() -> Result {
    let rules = RuleSet::builtin()?;
    let note = |prompt: &str, language| -> Result<String> {
        let case = Case {
            prompt: prompt.to_owned(),
            ..Case::default()
        };
        Ok(suggestion(&case, language, "openai/responses", &rules)?.note)
    };
    for language in [Language::Python, Language::TypeScript, Language::Rust] {
        let plain = note(
            "Sort these numbers in ascending order: {ids: list[int]}",
            language,
        )?;
        assert_eq!(plain, "");
    }
    let named = Case {
        prompt: "Sort these by height, ascending: {people: list}".to_owned(),
        ..Case::default()
    };
    let s = suggestion(&named, Language::TypeScript, "openai/responses", &rules)?;
    assert!(s.code.contains("height"), "{}", s.code);
    Ok(())
}
