//! The verdict and the findings, on calls described in short.

use deprompt::calls::{LlmCall, Role};
use deprompt::check::{check_all, check_call};
use deprompt::finding::{Category, Finding, Verdict};
use deprompt::language::Language;
use deprompt::rules::RuleSet;
use deprompt::rules::cases::call_of;
use deprompt::rules::schema::Case;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn check(case: Case) -> Result<Vec<Finding>> {
    let (call, files) = call_of(&case)?;
    let rules = RuleSet::builtin()?;
    let mut found = check_all(&[call], &files, &rules);
    found.retain(|f| rules.rule(&f.rule).is_none_or(|r| r.default));
    Ok(found)
}

fn prompt(p: &str) -> Case {
    Case {
        prompt: p.to_owned(),
        ..Case::default()
    }
}

#[test]
fn a_deterministic_call_is_replaced_with_its_own_expression() -> Result {
    let found = check(prompt(
        "Sort these numbers in ascending order: {readings: list[float]}",
    ))?;
    let f = found.first().ok_or("nothing found")?;
    assert_eq!(
        (f.verdict, f.category),
        (Verdict::Replace, Category::Collection)
    );
    let s = f.suggestion.as_ref().ok_or("no suggestion")?;
    assert_eq!(s.code, "reply = sorted(readings)");
    assert!(f.confidence > 0.7, "{}", f.confidence);
    Ok(())
}

#[test]
fn judgement_keeps_the_call_and_leaves_a_subtask() -> Result {
    let found = check(prompt(
        "Summarise the reviews for the manager.\nSort the products by price.\n{reviews}",
    ))?;
    assert_eq!(found.len(), 1);
    assert_eq!(
        found.first().map(|f| (f.verdict, f.category)),
        Some((Verdict::Partial, Category::Collection))
    );
    Ok(())
}

#[test]
fn who_acts_on_its_own_is_not_replaced() -> Result {
    let rules = RuleSet::builtin()?;
    let (mut call, files) = call_of(&prompt("Count the lines in {log: list[str]}."))?;
    assert!(!check_call(&call, &files, &rules).is_empty());
    call.acts = true;
    assert!(check_call(&call, &files, &rules).is_empty());
    Ok(())
}

#[test]
fn prose_goes_in_no_replacement_comes_out() -> Result {
    assert!(check(prompt("Extract the main complaint from {message}."))?.is_empty());
    Ok(())
}

#[test]
fn a_schema_silences_the_contract_and_what_it_can_say_itself() -> Result {
    let text = "Describe the town. Respond with a JSON object with the keys 'name' and 'mood'. If there is none, reply with exactly \"NONE\".";
    let categories = |f: Vec<Finding>| f.into_iter().map(|f| f.category).collect::<Vec<_>>();
    assert_eq!(
        categories(check(prompt(text))?),
        [Category::OutputContract, Category::Sentinel]
    );
    let with_schema = |text| Case {
        schema: vec!["name: str".to_owned()],
        ..prompt(text)
    };
    // A word in the place of a value is nothing that the schema says.
    assert_eq!(categories(check(with_schema(text))?), [Category::Sentinel]);
    let silent = "Describe the town. Respond with a JSON object with the keys 'name' and 'mood'. If there is none, return an empty object.";
    assert!(check(with_schema(silent))?.is_empty());
    Ok(())
}

#[test]
fn a_contract_comes_with_the_schema_it_spells_out() -> Result {
    let mut case = prompt(
        "Describe the town. Respond with JSON: {\"name\": \"string\", \"age\": 3, \"mood\": \"calm|loud\"}",
    );
    case.reply = vec!["json-parse".to_owned()];
    let (mut call, files) = call_of(&case)?;
    let rules = RuleSet::builtin()?;
    let code = |call: &LlmCall| {
        check_call(call, &files, &rules)
            .into_iter()
            .find(|f| f.category == Category::OutputContract)
            .and_then(|f| f.suggestion)
            .map(|s| s.code)
            .unwrap_or_default()
    };
    insta::assert_snapshot!(code(&call), @r#"
    class Reply(BaseModel):
        name: str
        age: int
        mood: Literal["calm", "loud"]
    "#);
    call.language = Language::TypeScript;
    insta::assert_snapshot!(code(&call), @r#"
    const Reply = z.object({
      name: z.string(),
      age: z.number().int(),
      mood: z.enum(["calm", "loud"]),
    });
    "#);
    call.language = Language::Rust;
    assert!(
        code(&call)
            .contains("struct Reply {\n    name: String,\n    age: i64,\n    mood: Mood,\n}")
    );
    Ok(())
}

#[test]
fn one_prompt_sent_twice_is_one_partial_finding() -> Result {
    let (call, files) = call_of(&prompt("Write a poem of at most 40 words about the sea."))?;
    let mut other = call.clone();
    other.location.span.start += 1;
    let mut found = check_all(&[call, other], &files, &RuleSet::builtin()?);
    found.retain(|f| f.rule != "static-prompt");
    assert_eq!(found.len(), 1);
    assert!(found.iter().all(|f| {
        f.labels
            .iter()
            .any(|l| l.message == "also sent by this call")
    }));
    Ok(())
}

#[test]
fn one_prompt_sent_from_three_places_is_one_replacement() -> Result {
    let (call, files) = call_of(&prompt("Sort these numbers: {numbers: list[int]}"))?;
    let calls: Vec<LlmCall> = (0..3)
        .map(|i| {
            let mut c = call.clone();
            c.location.span.start += i;
            c
        })
        .collect();
    let found = check_all(&calls, &files, &RuleSet::builtin()?);
    let also: Vec<usize> = found.iter().map(|f| f.also.len()).collect();
    assert_eq!(also, [2]);
    Ok(())
}

#[test]
fn a_contract_shows_where_the_reply_is_read() -> Result {
    let found = check(Case {
        reply: vec!["json-parse".to_owned()],
        ..prompt("Describe {town}. Respond with a JSON object with the keys 'name' and 'mood'.")
    })?;
    assert!(found.iter().any(|f| {
        f.category == Category::OutputContract
            && f.labels
                .iter()
                .any(|l| l.message == "the reply is parsed here")
    }));
    Ok(())
}

#[test]
fn a_wrappers_own_call_has_no_findings_about_words() -> Result {
    let (mut call, files) = call_of(&Case {
        reply: vec!["strip: ```".to_owned()],
        ..prompt("{orders}")
    })?;
    call.pass_through = true;
    let found = check_all(&[call], &files, &RuleSet::builtin()?);
    assert!(found.iter().all(|f| f.category == Category::OutputScraping) && found.len() == 1);
    Ok(())
}

#[test]
fn a_word_or_two_around_a_parameter_count_where_they_are_work() -> Result {
    let rules = RuleSet::builtin()?;
    for (text, found) in [
        ("Sort alphabetically: {names}", true),
        ("Is {n} prime?", true),
        ("Human: {prompt}", false),
        ("{orders}\n{letter}", false),
    ] {
        let (mut call, files) = call_of(&prompt(text))?;
        call.pass_through = true;
        let any = !check_call(&call, &files, &rules).is_empty();
        assert_eq!(any, found, "{text}");
    }
    Ok(())
}

#[test]
fn an_open_verb_governs_only_what_stands_behind_it() -> Result {
    // However much is cut out in front of both.
    for lead in [
        "No chatter: ",
        "No extra words or formatting or any chatter whatsoever: ",
    ] {
        let text = format!("{lead}sort these names {{names}} alphabetically, explain nothing.");
        assert!(!check(prompt(&text))?.is_empty(), "{lead}");
    }
    Ok(())
}

#[test]
fn findings_do_not_depend_on_the_order_of_calls() -> Result {
    let (a, files) = call_of(&prompt(
        "Count the words in {text_block: str}. At most 9 words.",
    ))?;
    let mut b = a.clone();
    b.location.span.start += 1;
    let rules = RuleSet::builtin()?;
    let show = |calls: &[LlmCall]| format!("{:?}", check_all(calls, &files, &rules));
    assert_eq!(show(&[a.clone(), b.clone()]), show(&[b, a]));
    Ok(())
}

#[test]
fn a_question_that_is_answered_with_it_is_a_sample() -> Result {
    let (open, files) = call_of(&prompt("Describe the sea near {place}."))?;
    let (mut call, _) = call_of(&prompt("Sort the lines of the list by date."))?;
    let say = |m: &deprompt::calls::Message, role| {
        let mut m = m.clone();
        m.role = role;
        m
    };
    let (Some(task), Some(other)) = (call.messages.first(), open.messages.first()) else {
        return Err("no message".into());
    };
    let asked = vec![
        say(other, Role::System),
        say(task, Role::User),
        say(task, Role::Assistant),
    ];
    let mut shown = asked.clone();
    shown.push(say(other, Role::User));
    let rules = RuleSet::builtin()?;
    call.messages = asked;
    assert_eq!(check_call(&call, &files, &rules).len(), 1);
    call.messages = shown;
    let found = check_call(&call, &files, &rules);
    assert!(found.is_empty(), "{found:?}");
    Ok(())
}
