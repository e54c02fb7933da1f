//! Whether the words of a task are an order.
//!
//! A prompt that keeps its model may speak of sorted rows, a counted list or a valid JSON without
//! asking for any of them: it describes an input, shows a dialogue, quotes what somebody may say,
//! documents a tool. Work of that kind is no finding.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::clauses::VERBS;
use super::coverage::{Claim, UnitClaims, rule};
use crate::finding::Category;
use crate::prompt::Unit;
use crate::rules::{Kind, Rule, RuleSet};

/// Tag of task rules whose words are everyday words (`count`, `group`, `rows of the table`): they
/// are work only where something is ordered.
const ORDER: &str = "order";
/// Words of a unit that is no sentence.
const FRAGMENT: usize = 4;

/// Whether a task's words in a unit ask for the task.
pub(super) fn asks(
    rules: &RuleSet,
    r: &Rule,
    unit: &Unit,
    words: &Range<usize>,
    c: &UnitClaims,
) -> bool {
    let text = unit.text.text.as_str();
    if is_query(text)
        || is_turn(unit)
        || is_quoted(text, words)
        || is_template_code(text, words)
        || of_reply(rules, r, text, words, c)
        || asked_for_elsewhere(text)
    {
        return false;
    }
    let foreign = |c: char| c != '▢' && c.is_alphabetic() && !c.is_ascii();
    if !r.tags.iter().any(|t| t == ORDER) || text.contains(foreign) {
        return true;
    }
    if describes(text) {
        return orders_at(text, words);
    }
    // "In chronological order." says how, without a verb.
    let fragment = text.split_whitespace().count() <= FRAGMENT && !text.trim_end().ends_with(':');
    fragment || orders(text)
}

/// Statements of a query language that are shown.
pub(super) fn is_query(text: &str) -> bool {
    static SQL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\bSELECT\b.*\bFROM\b|\b(?:GROUP|ORDER) BY\b|\b(?:LEFT|RIGHT|INNER|OUTER|CROSS|FULL) JOIN\b|^\W*JOIN \w|\bCOUNT\(").ok()
    });
    SQL.as_ref().is_some_and(|r| r.is_match(text))
}

/// Whether words stand in code of a template that was not run: `{% if rows > 10 %}`.
pub(super) fn is_template_code(text: &str, words: &Range<usize>) -> bool {
    let before = text.get(..words.start).unwrap_or_default();
    before
        .rfind("{%")
        .is_some_and(|open| !before.get(open..).unwrap_or_default().contains("%}"))
}

/// A turn of a dialogue that is shown: it names its speaker and has no part that varies.
pub(super) fn is_turn(unit: &Unit) -> bool {
    static SPEAKER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^[\W_]*(?:user(?: (?:input|query|message|asks|says))?|human|customer|q|question|query|good|bad|usuario|usuário|utilisateur|nutzer|benutzer|用户|用戶|ユーザー)\s*[:：]").ok()
    });
    unit.holes.is_empty()
        && SPEAKER
            .as_ref()
            .is_some_and(|r| r.is_match(&unit.text.text))
}

/// Whether words stand in a quotation that is a part of the sentence.
fn is_quoted(text: &str, words: &Range<usize>) -> bool {
    static QUOTED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("\"[^\"▢]{3,}\"|“[^”▢]{3,}”|«[^»▢]{3,}»").ok());
    QUOTED.as_ref().is_some_and(|r| {
        r.find_iter(text).any(|q| {
            q.start() <= words.start && words.end <= q.end() && q.len() * 5 < text.len() * 4
        })
    })
}

/// Whether a sentence about the form of the reply was taken for work on a value: `It must be valid
/// JSON that json.loads() parses.`
fn of_reply(rules: &RuleSet, r: &Rule, text: &str, words: &Range<usize>, c: &UnitClaims) -> bool {
    let on_a_value = matches!(
        r.category,
        Some(Category::Validate | Category::Parse | Category::Extract)
    );
    let contract = |c: &Claim| rule(rules, c).is_some_and(|r| r.kind == Kind::Contract);
    on_a_value && c.replies.iter().any(contract) && !orders_at(text, words)
}

/// What is done if a user should ask for it: `When asked to count …`.
fn asked_for_elsewhere(text: &str) -> bool {
    static ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^\W*(?:when(?:ever)?|if)\b[^,]{0,20}\b(?:asked|asks)\b").ok()
    });
    ASKED.as_ref().is_some_and(|r| r.is_match(text))
}

/// Whether a unit says what the model is given, or what a tool does.
pub(super) fn describes(text: &str) -> bool {
    static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^\W*(?:(?i:you(?:'ll| will| may| are going to) (?:be given|be provided|receive|get|see)|you(?:'re| are| have been) (?:given|provided|passed|shown)|i(?:'m| am) going to (?:give|show|send|provide)|i(?:'ll| will) (?:give|show|send|provide)|(?:here|below|these|this|the following) (?:is|are)\b|there (?:is|are)\b|each \w+ (?:is|was|has)\b)|(?:[\w-]+: )?(?:Calculates|Checks|Computes|Converts|Counts|Creates|Executes|Extracts|Fetches|Filters|Generates|Gets|Lists|Parses|Reads|Retrieves|Returns|Runs|Searches|Sends|Sorts|Validates)\b)").ok()
    });
    GIVEN.as_ref().is_some_and(|r| r.is_match(text))
}

/// Verbs of orders that name work for code or join clauses, besides `clauses::VERBS`.
const MORE_VERBS: &str = "count|sort|order|rank|group|arrange|remove|replace|strip|trim|split|join|merge|consolidate|collapse|swap|reverse|de-?duplicate|dedupe|calculate|compute|estimate|round|multiply|divide|subtract|sum|tally|format|reformat|normali[sz]e|parse|validate|verify|confirm|test|filter|drop|discard|ignore|skip|exclude|limit|truncate|escape|capitali[sz]e|lower-?case|upper-?case|translate|summari[sz]e|update|pad|prefix|append|prepend|insert|wrap|indent|number|label|tag|flag|categori[sz]e|classify|compile|collect|gather|pull|grab|run|execute|query|fetch|resolve|infer|derive|repeat|copy|echo|print|display|rename|cut|delete|clean|fix|correct|repair|preserve|treat|interpret|expand|break|cross-?check|double-?check|reorder|organi[sz]e|aggregate|store|save|send|put|do|begin|capture|shuffle|mask|redact|roll|draw|toss|permute|rotate|reject|invent|propose|mention|cite|draft|brainstorm|craft|prepare|design|compose|construct|offer|formulate|quote|only|always|never|do not|don't|then|next|finally|first|if|when|unless|for each|for every|ordena|ordene|ordenar|cuenta|conte|contar|elimina|elimine|eliminar|remova|remover|quita|extrae|extraia|extraiga|extraire|trie|triez|compte|comptez|supprime|supprimez|filtra|filtre|filtrer|agrupa|agrupe|regroupe|sortiere|entferne|filtere|gruppiere|extrahiere|convierte|converta|converte|liste|lista|devuelve|retorne|retourne|gib|ordina|conta|rimuovi|estrai|verifica|verifique|si|se|wenn|falls";

/// Whether something in a sentence is ordered or asked: a modal verb, a question, a clause that
/// begins with a verb.
pub(super) fn orders(text: &str) -> bool {
    static MODAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:must|should|shall|needs? to|ha(?:s|ve) to|make sure|be sure|please|your (?:task|job|goal)|you (?:will|are to|can|may|need)|want you to|(?:is|are) to be|(?:can|could) you|required to|asked to|responsible for|tasked with)\b|\?").ok()
    });
    MODAL.as_ref().is_none_or(|r| r.is_match(text)) || begins(text).next().is_some()
}

/// Whether the clause in which words stand begins with a verb.
pub(super) fn orders_at(text: &str, words: &Range<usize>) -> bool {
    let near = text.get(..words.end).unwrap_or(text);
    begins(near).any(|at| {
        !text
            .get(at..words.start.max(at))
            .unwrap_or_default()
            .contains([',', ';', '.'])
    })
}

/// Where the clauses that begin with a verb begin.
fn begins(text: &str) -> impl Iterator<Item = usize> {
    static CLAUSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(&format!(
            r"(?i)(?:^[[\W_\d]--▢]*(?:[a-z][.)]\s+)?|[,;.:—–]\s[[\W_\d]--▢]*|\([[\W_\d]--▢]*|\byou\s|\b(?:and|then|but|or|to)\s|\b(?:below|above|given)\s)(?:[\w ]{{1,40}}:[[\W_]--▢]*)?(?:\w+ly )?(?P<verb>(?:{VERBS}|{MORE_VERBS})\b)"
        ))
        .ok()
    });
    CLAUSE
        .as_ref()
        .into_iter()
        .flat_map(move |r| r.captures_iter(text))
        .filter_map(|c| c.name("verb").map(|v| v.start()))
}

#[cfg(test)]
mod tests {
    use super::{
        asked_for_elsewhere, describes, is_query, is_quoted, is_template_code, orders, orders_at,
    };

    #[test]
    fn an_order_is_told_from_a_description() {
        assert!(orders("- Remove duplicates from the list"));
        assert!(orders("b) lowercase the field `channel`"));
        assert!(orders("You extract code from answers."));
        assert!(orders("Randomly select three of the items."));
        assert!(orders("The rows must be grouped by week."));
        assert!(orders("Which rows occur twice?"));
        assert!(!orders("Notes (newest first, grouped by date):"));
        assert!(!orders("All rows of the table with their columns"));
    }

    #[test]
    fn what_is_given_orders_nothing_by_itself() {
        let given = "You will receive thirty papers grouped by year.";
        assert!(describes(given) && !orders_at(given, &(31..46)));
        let both = "You are given a list of names; sort it by length.";
        assert!(describes(both) && orders_at(both, &(31..48)));
        assert!(describes("Generates a random token."));
        assert!(!describes("Generate a random token."));
    }

    #[test]
    fn what_is_shown_is_no_order() {
        let text = "Rows: ▢rows▢{% if rows > 10 %} - too many{% endif %}";
        assert!(is_template_code(text, &(18..32)));
        assert!(!is_template_code(text, &(40..50)));
        assert!(is_query("SELECT name FROM staff ORDER BY name"));
        assert!(!is_query("Select the names from the list, in order."));
        let text = "If nothing fits, answer \"Not found in the database\" and stop.";
        assert!(is_quoted(text, &(25..50)));
        assert!(!is_quoted("\"Sort these: b, a\"", &(1..12)));
        assert!(asked_for_elsewhere(
            "When asked to count events, leave out the last one."
        ));
        assert!(!asked_for_elsewhere(
            "If the list is long, count its lines."
        ));
    }
}
