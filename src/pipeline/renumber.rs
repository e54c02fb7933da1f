//! File ids of a project become ids of the table that reports read.

use rustc_hash::FxHashMap;

use crate::calls::LlmCall;
use crate::source::{FileId, Location};

/// Rewrites every id in a call. Ids that the table does not have (a file that only a type was
/// looked up in) cannot occur: whatever a call shows has been parsed or read.
pub(super) fn call(call: &mut LlmCall, ids: &FxHashMap<FileId, FileId>) {
    let file = |f: &mut FileId| {
        if let Some(new) = ids.get(f) {
            *f = *new;
        }
    };
    let location = |l: &mut Location| file(&mut l.file);
    location(&mut call.location);
    if let Some(s) = &mut call.sink {
        location(s);
    }
    for m in &mut call.messages {
        m.text.runs.iter_mut().for_each(|r| file(&mut r.file));
        m.text
            .holes
            .iter_mut()
            .for_each(|h| location(&mut h.location));
        m.text.spans.iter_mut().for_each(location);
        m.text.spans.sort_unstable();
    }
    for u in &mut call.reply_uses {
        location(&mut u.location);
        if let Some(via) = &mut u.via {
            location(via);
        }
    }
    call.gaps.iter_mut().for_each(|g| location(&mut g.location));
}
