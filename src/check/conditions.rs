//! The conditions of a rule on the call around a unit: roles, holes, what happens to the reply.

use std::sync::LazyLock;

use regex::Regex;

use super::coverage::Coverage;
use crate::calls::{LlmCall, Role, Structured};
use crate::prompt::Unit;
use crate::rules::schema::{Conditions, RoleName, StructuredName};
use crate::rules::{Kind, RuleSet};

impl Coverage {
    /// Whether the conditions on the call hold for some unit.
    pub(super) fn holds_somewhere(
        &self,
        call: &LlmCall,
        rules: &RuleSet,
        index: usize,
        when: &Conditions,
    ) -> bool {
        self.units
            .iter()
            .any(|u| self.holds(call, rules, index, when, u))
    }

    /// Whether the conditions on the call hold for a unit.
    pub(super) fn holds(
        &self,
        call: &LlmCall,
        rules: &RuleSet,
        index: usize,
        when: &Conditions,
        unit: &Unit,
    ) -> bool {
        // Who works on its own is told what to do, not asked for what code would do instead.
        let asked = !call.acts || rules.get(index).is_none_or(|r| r.kind != Kind::Task);
        asked
            && (when.roles.is_empty() || when.roles.iter().any(|r| role_is(*r, unit.role)))
            && (when.holes.is_empty() || self.holes.iter().any(|(_, _, k)| when.holes.contains(k)))
            && !self.holes.iter().any(|(_, _, k)| when.no_holes.contains(k))
            && (when.reply.is_empty()
                || call
                    .reply_uses
                    .iter()
                    .any(|u| when.reply.iter().any(|r| r == u.kind.as_str())))
            && (when.structured.is_empty()
                || when
                    .structured
                    .iter()
                    .any(|s| structured_is(*s, call.structured)))
            && when.min_tools.is_none_or(|n| call.tools >= n)
            && (!when.table || self.has_table_below(call, unit))
            && when.max_tools.is_none_or(|n| call.tools <= n)
            && (when.parameters.is_empty() || rules.parameters(index, &call.parameters))
            && (when.function.is_none() || rules.function(index, &self.function))
    }

    /// Whether lines of the form `A -> B` follow the unit.
    fn has_table_below(&self, call: &LlmCall, unit: &Unit) -> bool {
        static PAIR: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r#"^[-*•\s]*["'`]?[\p{L}\p{N}][\p{L}\p{N} ._/+-]{0,30}["'`]?\s*(?:->|→|=>|=|⇒)\s*["'`]?[\p{L}\p{N}][\p{L}\p{N} ._/+()-]{0,45}["'`]?(?:\s+(?:or|and)\s+["'`]?[\p{L}\p{N}][\p{L}\p{N} ._/+()-]{0,45}["'`]?)?[,;.]?$"#).ok()
        });
        let Some(pair) = PAIR.as_ref() else {
            return false;
        };
        call.messages
            .get(unit.message)
            .and_then(|m| m.text.text.get(unit.range.end..))
            .is_some_and(|below| {
                below
                    .lines()
                    .skip_while(|l| l.trim().is_empty())
                    .take_while(|l| pair.is_match(l))
                    .take(3)
                    .count()
                    == 3
            })
    }
}

const fn role_is(name: RoleName, role: Role) -> bool {
    matches!(
        (name, role),
        (RoleName::System, Role::System)
            | (RoleName::User, Role::User | Role::Template)
            | (RoleName::Description, Role::Description)
    )
}

/// Whether a call's structured output is of the kind that a condition names.
pub(super) const fn structured_is(name: StructuredName, s: Structured) -> bool {
    use Structured as S;
    matches!(
        (name, s),
        (StructuredName::None, S::None)
            | (StructuredName::JsonMode, S::JsonMode)
            | (StructuredName::Schema, S::Schema)
    )
}
