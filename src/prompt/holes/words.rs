//! What a word of a value's name says of its kind.

use super::HoleKind;

/// By a word of its name; `list2` is another `list`.
pub(in crate::prompt) fn by_word(word: &str) -> Option<HoleKind> {
    Some(match word.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "number" | "num" | "n" | "m" | "x" | "y" | "a" | "b" | "i" | "j" | "k" | "count"
        | "age" | "price" | "cost" | "amount" | "total" | "year" | "years" | "quantity" | "qty"
        | "width" | "height" | "weight" | "score" | "percent" | "percentage" | "limit" | "size"
        | "length" | "len" | "index" | "threshold" | "salary" | "income" | "balance" | "rate"
        | "min" | "max" | "minimum" | "maximum" | "digits" | "temperature" | "distance"
        | "operand" | "left" | "right" | "first" | "second" | "minutes" | "hours" | "days"
        | "seconds" | "budget" | "offset" | "step" | "precision" | "decimals" | "lat" | "lon"
        | "lng" | "latitude" | "longitude" | "celsius" | "fahrenheit" | "miles" | "km"
        | "marks" | "stock" | "principal" | "integer" | "int" | "float" | "bits" | "factor" => {
            HoleKind::Number
        }
        "date" | "time" | "timestamp" | "datetime" | "day" | "month" | "birthday" | "birthdate"
        | "dob" | "deadline" | "today" | "now" | "start" | "end" | "expiry" | "duration"
        | "timezone" => HoleKind::Date,
        "id" | "uuid" | "guid" | "sku" | "zip" | "zipcode" | "postcode" | "iban" | "email"
        | "phone" | "url" | "uri" | "domain" | "ip" | "hash" | "path" | "filename"
        | "extension" | "ext" | "version" | "isbn" | "currency" | "unit" | "units" | "locale"
        | "country" | "port" | "hostname" | "host" | "username" | "password" | "mac" | "cron"
        | "regex" | "slug" | "mime" | "iso" | "symbol" | "hex" | "color" | "colour" | "ticker"
        | "isin" | "vin" | "operator" | "op" | "char" | "digit" | "substring" | "delimiter"
        | "separator" | "prefix" | "suffix" | "useragent" => HoleKind::Id,
        "status" | "kind" | "mode" | "gender" | "sex" | "tier" | "state" | "flag" | "type"
        | "level" => HoleKind::Enum,
        "list" | "array" | "arr" | "lst" | "items" | "rows" | "numbers" | "nums" | "values"
        | "ids" | "elements" | "entries" | "records" | "columns" | "keys" | "objects" | "dates"
        | "prices" | "scores" | "urls" | "emails" | "tuples" | "dicts" | "integers" | "matrix"
        | "transactions" | "orders" | "products" => HoleKind::List,
        "json" | "csv" | "xml" | "yaml" | "toml" | "html" | "df" | "dataframe" | "table"
        | "record" | "config" | "payload" | "dict" | "dictionary" | "obj" | "object"
        | "dataset" | "row" | "log" | "logs" => HoleKind::Structured,
        "code" | "snippet" | "source" | "sql" | "function" | "script" | "diff" | "patch"
        | "program" => HoleKind::Code,
        "text" | "content" | "contents" | "message" | "messages" | "prompt" | "question"
        | "questions" | "query" | "input" | "document" | "documents" | "docs" | "doc"
        | "article" | "review" | "reviews" | "description" | "comment" | "comments"
        | "transcript" | "conversation" | "history" | "story" | "context" | "chunk" | "chunks"
        | "resume" | "cv" | "request" | "feedback" | "title" | "summary" | "topic" | "topics"
        | "passage" | "notes" | "note" | "answer" | "instruction" | "instructions" | "goal"
        | "task" | "body" | "paragraph" | "sentence" | "sentences" | "speech" | "subject"
        | "tweet" | "post" | "bio" | "profile" | "letter_body" | "essay" | "chat" | "utterance"
        | "requirements" | "page" | "webpage" | "ocr" | "caption" | "complaint" | "symptoms"
        | "interests" | "objective" | "ingredients" | "recipe" | "objectives" => HoleKind::Prose,
        _ => return None,
    })
}

/// Whether a word is one that programs use for any operand, number or not.
pub(super) fn says_nothing(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    word.len() <= 1
        || matches!(
            word,
            "total"
                | "first"
                | "second"
                | "left"
                | "right"
                | "operand"
                | "index"
                | "step"
                | "min"
                | "max"
                | "strip"
                | "trim"
                | "lower"
                | "upper"
                | "str"
        )
        || by_word(word).is_none()
}

/// Whether a name is one of a picture, a recording: `image`, `img_base64`, `screenshotBytes`.
pub(super) fn is_media(words: &[String]) -> bool {
    const MEDIA: [&str; 8] = [
        "image",
        "images",
        "img",
        "photo",
        "picture",
        "screenshot",
        "audio",
        "video",
    ];
    const FORM: [&str; 12] = [
        "part", "parts", "data", "bytes", "base64", "b64", "file", "files", "blob", "buffer",
        "pil", "raw",
    ];
    let is = |list: &[&str], w: &String| list.contains(&w.as_str());
    words.iter().any(|w| is(&MEDIA, w)) && words.iter().all(|w| is(&MEDIA, w) || is(&FORM, w))
}
