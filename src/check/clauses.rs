//! The clauses of a unit: what is forbidden, what is a sample, what is a condition, what is an order.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Clauses that forbid what they say.
pub(super) fn negated(text: &str) -> Vec<Range<usize>> {
    static NOT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:do not|don't|dont|never|no need to|must not|should not|shouldn't|cannot|can't|instead of|rather than|you are not|not to)\b[^.;,:!?。]*").ok()
    });
    NOT.as_ref()
        .map(|r| r.find_iter(text).map(|m| m.range()).collect())
        .unwrap_or_default()
}

/// The clauses of a unit, cut at semicolons and before a conjunction that a verb of work follows.
pub(super) fn clauses(text: &str) -> Vec<Range<usize>> {
    static CUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:;\s|,? (?:and|then|but|before|after)(?: then| also| finally)? (?:add(?:ing)?|append|calculate|capitali[sz]e|check|collapse|combine|compute|convert|count|deduplicate|delete|drop|ensure|filter|fix|format|generate|give|group|include|keep|limit|list|make|merge|output|pick|print|rank|remove|replace|report|return|reverse|roll|round|select|set|show|sort|split|state|strip|sum|trim|truncate|use|validate|verify|write|tell|order|extract|explain|describe|suggest|summari[sz]e|translate|analy[sz]e|decide|answer)\b)").ok()
    });
    let Some(cut) = CUT.as_ref() else {
        return std::iter::once(0..text.len()).collect();
    };
    let mut out = Vec::new();
    let mut at = 0;
    for m in cut.find_iter(text) {
        out.push(at..m.start());
        at = m.start();
    }
    out.push(at..text.len());
    out
}

/// The condition at the head of a unit: `If …,`.
pub(super) fn condition(text: &str) -> Option<Range<usize>> {
    static IF: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^[-*•\d.)\s]*(?:if|when|unless|once|after)\b[^,:]{3,120}[,:]").ok()
    });
    IF.as_ref()?.find(text).map(|m| m.start()..m.end() - 1)
}

/// Quotations that show what somebody might say: `queries like "What is 3 plus 4?" or "…"` (a
/// question mark may have cut the unit before the `or`).
pub(super) fn samples(text: &str) -> Vec<Range<usize>> {
    static LEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?i)(?:\b(?:like|such as|e\.g\.?,?|for example,?|for instance,?|examples?:|including)\s*[:,]?|^\W*(?:and|or))\s*(?:"[^"]{1,120}"(?:,? (?:and|or) |, )?){1,8}"#,
        )
        .ok()
    });
    LEAD.as_ref()
        .map(|r| r.find_iter(text).map(|m| m.range()).collect())
        .unwrap_or_default()
}

/// The words of each hole, between its marks.
pub(super) fn hole_names(text: &str) -> Vec<Range<usize>> {
    let marks: Vec<usize> = text.match_indices('▢').map(|(i, _)| i).collect();
    marks
        .chunks_exact(2)
        .filter_map(|m| match m {
            [a, b] => Some(a + '▢'.len_utf8()..*b),
            _ => None,
        })
        .collect()
}

/// Whether a unit says who the model is.
pub(super) fn is_role_line(text: &str) -> bool {
    static ROLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^\W*(?:you(?:'re| are| will act as| act as)|act as|behave as|as an? (?:\w+ ){1,4}(?:assistant|expert|engineer)|your (?:role|name) is|eres|você é|tu es|vous êtes|du bist|sie sind|你是|あなたは)").ok()
    });
    ROLE.as_ref().is_some_and(|r| r.is_match(text))
}

/// Whether a role line also says what for.
pub(super) fn has_purpose(text: &str) -> bool {
    static PURPOSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:that|who|which|to|tasked|responsible|whose|and (?:you|your)|your (?:task|job|goal))\b").ok()
    });
    PURPOSE.as_ref().is_some_and(|r| r.is_match(text))
}

/// Verbs that an order begins with, of any kind of work.
pub(super) const VERBS: &str = "use|make|provide|give|return|write|create|generate|find|get|list|show|tell|take|check|determine|identify|extract|analy[sz]e|read|look|think|help|explain|describe|answer|respond|choose|select|pick|decide|compare|consider|include|ensure|focus|keep|follow|start|avoid|output|produce|process|review|try|call|search|ask|assign|set|add|build|apply|fill|map|match|mark|combine|highlight|suggest|assume|evaluate|complete|perform|solve|convert|detect|guess|recommend|plan|name|report|state|rewrite|transform|turn|assess|judge";

/// Verbs that open orders of open work in Spanish, Portuguese, French and German: what no rule knows of
/// such a prompt is no less the model's than in English.
const VERBS_ELSEWHERE: &str = "pregunta|pregunte|mantén|mantenga|mantenha|actualiza|actualice|atualize|analiza|analice|analise|genera|genere|gere|crea|cree|crie|escribe|escriba|escreva|redacta|redacte|redija|explica|explique|describe|describa|descreva|responde|responda|usa|use|utiliza|utilice|utilize|evalúa|evalúe|avalie|sé|sea|seja|proporciona|proporcione|forneça|identifica|identifique|sugiere|sugiera|sugira|resume|resuma|compara|compare|considera|considere|pergunte|rédige|rédigez|écris|écrivez|génère|générez|expliquez|décris|décrivez|réponds|répondez|utilisez|analyse|analysez|sois|soyez|propose|proposez|identifiez|résume|résumez|schreibe|schreib|erkläre|beschreibe|antworte|verwende|nutze|analysiere|erstelle|generiere|fasse|sei|identifiziere|frage|achte|bewerte|formuliere";

/// Whether a unit opens with an order.
pub(super) fn opens_with_verb(text: &str) -> bool {
    static VERB: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(&format!(
            r"(?i)^(?:[-*•\d.)\s]*)(?:please |now |then |first,? |next,? |finally,? |always |also |you (?:must|should|need to|will|can|have to) |(?:can|could|would) you |i (?:want|need|would like) (?:you )?to |your (?:task|job|goal) is to )*(?:{VERBS}|{VERBS_ELSEWHERE}|imagine|greet|welcome|interview|draft|invent|talk|speak|how|what|why|who|which|where|when|is|are|does|can|should)\b"
        ))
        .ok()
    });
    VERB.as_ref().is_some_and(|r| r.is_match(text))
}

/// Whether a unit says what the whole call is for: `Your task is to …`.
pub(super) fn is_main_order(text: &str) -> bool {
    static MAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^\W*your (?:main |primary |sole |only )?(?:task|job|goal|objective|mission|responsibility) (?:here )?is\b").ok()
    });
    MAIN.as_ref().is_some_and(|r| r.is_match(text))
}

/// The shape of a reply written into a sentence: `… as {"date": "YYYY-MM-DD"}`.
pub(super) fn shape_inside(text: &str) -> Option<Range<usize>> {
    static KEY: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"\{\s*\\?["'][\w -]{1,40}\\?["']\s*:"#).ok());
    let start = KEY.as_ref()?.find(text)?.start();
    let end = text.rfind('}').filter(|e| *e > start).unwrap_or(text.len());
    Some(start..end)
}
