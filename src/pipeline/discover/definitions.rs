//! Agents that are defined in the project and run by something else, a server or a graph: a definition is
//! a call where no call of the project sends its text.

use rustc_hash::FxHashSet;

use crate::calls::LlmCall;
use crate::source::FileId;

/// The calls, each with whether it is a definition, without the definitions that say nothing or whose
/// text another call sends.
pub(super) fn without_run_ones(calls: Vec<(bool, LlmCall)>) -> Vec<LlmCall> {
    let sent: FxHashSet<(FileId, usize)> = calls
        .iter()
        .filter(|(definition, _)| !definition)
        .flat_map(|(_, c)| places(c))
        .collect();
    calls
        .into_iter()
        .filter(|(definition, c)| {
            let mut own = places(c).peekable();
            !definition || own.peek().is_some() && !own.any(|p| sent.contains(&p))
        })
        .map(|(_, c)| c)
        .collect()
}

/// Where the literal text of a call's prompt begins, piece by piece.
fn places(call: &LlmCall) -> impl Iterator<Item = (FileId, usize)> + '_ {
    call.messages
        .iter()
        .flat_map(|m| &m.text.runs)
        .map(|r| (r.file, r.source as usize))
}
