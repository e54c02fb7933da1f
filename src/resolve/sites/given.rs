//! Words that a wrapper is given and not seen to send.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::wrapped::is_prompt_name;
use crate::calls::{GapReason, Role};
use crate::hir::ParamKind;
use crate::resolve::eval::Evaluator;
use crate::resolve::request::Request;
use crate::resolve::value::{ArgValue, FunctionValue, Stored, Value};
use crate::source::FileId;

/// How deep the parts of an object are looked at.
const MAX_PARTS_DEPTH: u32 = 4;
/// Parameters that take what is said to a model, besides those named for prompts.
const SAID: &[&str] = &[
    "query", "question", "text", "input", "content", "task", "user", "q",
];

impl Evaluator<'_> {
    /// A wrapper that was given words as its prompt and was not seen to send them sends them by ways
    /// that cannot be followed.
    pub(super) fn say_what_is_given(
        &self,
        request: &mut Request,
        targets: &[Rc<FunctionValue>],
        args: &[ArgValue],
    ) {
        if request.messages.is_empty() {
            return;
        }
        let silent = request.messages.iter().all(|m| m.rope.words() == 0);
        // A parameter of the caller's own that it is seen to send is what it sends.
        let mut handed = FxHashSet::default();
        for a in args {
            a.value.each_root_param(&mut |p| {
                handed.insert((p.function, p.index));
            });
        }
        let mut sends_handed = false;
        for m in &request.messages {
            m.rope.each_hole(&mut |h| {
                h.value.each_root_param(&mut |p| {
                    sends_handed |= handed.contains(&(p.function, p.index));
                });
            });
        }
        if silent && sends_handed {
            return;
        }
        let mut sent = FxHashSet::default();
        for m in &request.messages {
            m.rope.each_literal(&mut |file, source, _| {
                sent.insert((file, source));
            });
        }
        let mut given = Request::default();
        for a in args.iter().filter(|a| self.is_prompt_like(&a.value, 0)) {
            // An address or a path is no sentence.
            if matches!(&a.value, Value::Text(t) if !t.literal_text().trim().contains(' ')) {
                continue;
            }
            let mut places = FxHashSet::default();
            literals(&a.value, 0, &mut |file, source, _| {
                places.insert((file, source));
            });
            let lost = !places.is_empty() && places.is_disjoint(&sent);
            let meant = || silent || self.has_roles(&a.value, 0) || self.is_said(targets, args, a);
            if let Some(at) = a.at
                && lost
                && meant()
            {
                self.messages_of(at.file, &a.value, Role::User, a.at, &mut given, 0);
            }
        }
        if given.messages.iter().any(|m| m.rope.words() > 0) {
            if silent {
                request.messages.clear();
            }
            request.messages.append(&mut given.messages);
            request.gaps.append(&mut given.gaps);
            request.gaps.push((GapReason::Dynamic, None, String::new()));
        }
    }

    /// Whether the parameter that takes an argument is called like something that is said.
    fn is_said(&self, targets: &[Rc<FunctionValue>], args: &[ArgValue], a: &ArgValue) -> bool {
        let [target] = targets else {
            return false;
        };
        let params = self.function(target.function).map(|f| &f.params);
        let name = a.name.clone().or_else(|| {
            let index = args
                .iter()
                .filter(|o| o.name.is_none())
                .position(|o| o.at == a.at)?;
            params?
                .iter()
                .filter(|p| p.kind == ParamKind::Positional)
                .nth(index)?
                .name
                .clone()
        });
        name.is_some_and(|n| is_prompt_name(&n) || SAID.contains(&n.to_lowercase().as_str()))
    }
}

/// The literal texts in a value and in what it was made with: file, first source byte, text.
pub(super) fn literals(v: &Value, depth: u32, out: &mut dyn FnMut(FileId, u32, &str)) {
    if depth > MAX_PARTS_DEPTH {
        return;
    }
    match v {
        Value::Text(t) => t.each_literal(out),
        Value::List(l) => l.items.iter().for_each(|v| literals(v, depth + 1, out)),
        Value::Map(m) => m
            .fields
            .iter()
            .for_each(|f| literals(&f.value, depth + 1, out)),
        Value::Choice(c) => c.iter().for_each(|v| literals(v, depth + 1, out)),
        Value::Made(m) => m
            .args
            .iter()
            .for_each(|a| literals(&a.value, depth + 1, out)),
        Value::Instance(i) => {
            for a in i.args.iter().flatten() {
                literals(&a.value, depth + 1, out);
            }
            let mut state = i.state.as_ref();
            while let Some(s) = state {
                match &s.last {
                    Stored::Attribute { value, .. } => literals(value, depth + 1, out),
                    // What its methods were given before.
                    Stored::Call { env, .. } | Stored::Method { env, .. } => {
                        let given = env.iter().flat_map(|f| f.args.iter().flatten());
                        given.for_each(|v| literals(v, depth + 1, out));
                    }
                }
                state = s.before.as_ref();
            }
        }
        _ => {}
    }
}
