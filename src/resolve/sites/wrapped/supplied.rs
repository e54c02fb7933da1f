//! What a call of a wrapper brings of its own: words, whole messages, a prompt handed on.

use std::path::Path;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::resolve::eval::Evaluator;
use crate::resolve::request::Request;
use crate::resolve::sites::given::literals;
use crate::resolve::sites::{THIN_WORDS, Wrappers};
use crate::resolve::value::{ArgValue, FunctionValue, Value, count_words};
use crate::source::FileId;

/// Words that make a prompt one's own.
const OWN_WORDS: usize = 3;

/// Words of a request, by who says them.
struct Words {
    /// What the wrapper says by itself.
    own: usize,
    /// All that is sent.
    sent: usize,
    /// What neither the wrapper says by itself nor its object, as far as others made that.
    brought: usize,
}

impl Evaluator<'_> {
    /// Whether a call to a wrapper brings prompt text of its own: words that the wrapper does not
    /// send anyway, whole messages, or anything at all where the wrapper has no prompt itself. A
    /// wrapper with a prompt of its own, called with data, is no new call.
    pub(super) fn supplies(
        &self,
        targets: &[Rc<FunctionValue>],
        args: &[ArgValue],
        request: &Request,
        wrappers: &Wrappers,
    ) -> bool {
        if args.iter().any(|a| self.has_roles(&a.value, 0)) {
            return true;
        }
        let unbound = self.unbound_request(targets, wrappers);
        if unbound.messages.is_empty() && !request.messages.is_empty() {
            // Where the bounds let only a part through, the arguments tell.
            return !self.ran_out()
                || args.iter().any(|a| {
                    self.is_prompt_like(&a.value, 0)
                        || matches!(a.value.root_param(), Some(p) if is_prompt_name(&p.name))
                });
        }
        let words = self.count_words_of(targets, request, &unbound, wrappers);
        // What is handed on word for word says nothing, however the wrapper reads it.
        let silent = made_by_nobody(targets) && args.iter().all(|a| is_silent(&a.value));
        if words.brought >= OWN_WORDS && !silent {
            return true;
        }
        // The arguments pick one of several prompts.
        if words.sent >= OWN_WORDS
            && words.own >= words.sent + OWN_WORDS
            && !silent
            && self.any_selects(targets)
        {
            return true;
        }
        self.passes_on(targets, args, &unbound, words.own)
    }

    fn count_words_of(
        &self,
        targets: &[Rc<FunctionValue>],
        request: &Request,
        unbound: &Request,
        wrappers: &Wrappers,
    ) -> Words {
        let mut words = Words {
            own: 0,
            sent: 0,
            brought: 0,
        };
        let mut own = FxHashSet::default();
        for m in &unbound.messages {
            m.rope.each_literal(&mut |file, source, text| {
                if own.insert((file, source)) {
                    words.own += count_words(text);
                }
            });
        }
        // What the object was made of counts as far as its maker wrote it.
        let made: Vec<&Value> = targets.iter().filter_map(|t| t.receiver.as_ref()).collect();
        let constructed = made
            .iter()
            .any(|r| matches!(r, Value::Instance(i) if i.args.is_some()));
        let mut of_object = FxHashSet::default();
        let mut written = FxHashSet::default();
        let mut named = Vec::new();
        if constructed {
            for m in &self.wrapped_request(targets, &[], wrappers, 0).messages {
                m.rope.each_literal(&mut |file, source, _| {
                    of_object.insert((file, source));
                });
            }
            for r in made {
                literals(r, 0, &mut |file, source, text| {
                    written.insert((file, source));
                    named.extend(file_name(Path::new(text)).map(str::to_owned));
                });
            }
        }
        for m in &request.messages {
            m.rope.each_literal(&mut |file, source, text| {
                let key = (file, source);
                let count = count_words(text);
                words.sent += count;
                // A prompt file that the maker picked by its name is what the maker says.
                let chosen =
                    || written.contains(&key) || !named.is_empty() && self.is_file_of(file, &named);
                if !own.contains(&key) && (!of_object.contains(&key) || chosen()) {
                    words.brought += count;
                }
            });
        }
        words
    }

    /// Whether a text comes from a prompt file with one of these names.
    fn is_file_of(&self, file: FileId, names: &[String]) -> bool {
        let path = self.project.text_path(file);
        let name = path.as_deref().and_then(file_name);
        name.is_some_and(|n| names.iter().any(|x| x == n))
    }

    /// Whether a wrapper sends what it is given. What it makes of that by means that cannot be
    /// followed is a prompt given only if it is said to be one.
    fn passes_on(
        &self,
        targets: &[Rc<FunctionValue>],
        args: &[ArgValue],
        unbound: &Request,
        own_words: usize,
    ) -> bool {
        let said = args.iter().any(|a| self.is_prompt_like(&a.value, 0));
        // A message that is a prompt handed on as it is: whatever else the wrapper says.
        let handed_on = args
            .iter()
            .any(|a| matches!(a.value.root_param(), Some(p) if is_whole_prompt(&p.name)));
        let mut passes = false;
        let mut whole = false;
        for m in &unbound.messages {
            let bare = m.rope.words() == 0;
            m.rope.each_hole(&mut |h| {
                let direct = is_given(&h.value, 0);
                h.value.each_root_param(&mut |p| {
                    let own = targets.iter().any(|t| t.function == p.function);
                    passes |= own && (direct || said || is_prompt_name(&p.name));
                    whole |= own && bare && direct && is_whole_prompt(&p.name);
                });
            });
        }
        passes && !args.is_empty() && (own_words < THIN_WORDS || whole && handed_on)
    }
}

/// The last part of a path, if that has an ending.
fn file_name(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    name.contains('.').then_some(name)
}

/// Whether the functions belong to no object, or to one of which nothing is known.
fn made_by_nobody(targets: &[Rc<FunctionValue>]) -> bool {
    targets.iter().all(|t| match &t.receiver {
        Some(Value::Instance(i)) => i.args.is_none() && i.state.is_none(),
        _ => true,
    })
}

/// Whether no words can be in an argument: a parameter or a part of one, a number, a flag.
fn is_silent(v: &Value) -> bool {
    v.root_param().is_some() || matches!(v, Value::Number(_) | Value::Bool(_) | Value::Null)
}

/// Whether a value is a parameter or part of one, perhaps converted.
fn is_given(v: &Value, depth: u32) -> bool {
    if depth > 3 {
        return false;
    }
    v.root_param().is_some()
        || match v {
            Value::Choice(c) => c.iter().any(|v| is_given(v, depth + 1)),
            Value::Unknown(u) => matches!(u.ingredients.as_slice(), [v] if is_given(v, depth + 1)),
            Value::Made(m) => match (&m.callee, m.args.as_slice()) {
                (Value::Attr(a), _) => is_given(&a.base, depth + 1),
                (_, [a]) => is_given(&a.value, depth + 1),
                _ => false,
            },
            _ => false,
        }
}

/// Whether a parameter's name says that it is a prompt.
pub(in crate::resolve) fn is_prompt_name(name: &str) -> bool {
    let n = name.to_lowercase();
    ["prompt", "instruction", "message", "template", "system"]
        .iter()
        .any(|w| n.contains(w))
}

/// Whether a parameter is named for a whole prompt, not for what somebody says in it.
fn is_whole_prompt(name: &str) -> bool {
    let n = name.to_lowercase();
    n.contains("prompt") || n.contains("template")
}
