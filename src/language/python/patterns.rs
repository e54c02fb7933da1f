//! What values are stored into: assignment targets, `as` names, and the patterns of `match`.

use tree_sitter::Node;

use super::Lowering;
use super::expressions::operator;
use super::kinds::{GRAMMAR, Kind, kind};
use crate::hir::build::Store;
use crate::hir::{Expr, ExprId, How, Name, Op, Step};

impl<'t> Lowering<'t> {
    /// Stores `value` (the part of it under `from`) into a target. For [`How::Iterate`] that an
    /// item is taken goes without saying; `from` holds only the destructuring of it. `local` says
    /// that names live in the current scope (a comprehension) rather than in the function.
    pub(super) fn store(
        &mut self,
        target: Node<'t>,
        value: Option<ExprId>,
        from: &[Step],
        how: &How,
        local: bool,
    ) {
        let span = self.span(target);
        match kind(target) {
            Kind::Identifier => {
                let name: Name = self.text_of(target).into();
                if local {
                    self.builder.write(Store {
                        from: from.to_vec(),
                        ..Store::declare(name, value, how.clone(), span)
                    });
                } else {
                    self.store_name(name, value, from.to_vec(), how.clone(), span);
                }
            }
            Kind::Attribute | Kind::Subscript => {
                if let Some((root, path)) = self.target_place(target) {
                    self.builder.write(Store {
                        root,
                        path,
                        value,
                        from: from.to_vec(),
                        default: None,
                        how: how.clone(),
                        declares: false,
                        span,
                    });
                }
            }
            Kind::TuplePattern
            | Kind::ListPattern
            | Kind::PatternList
            | Kind::Tuple
            | Kind::List
            | Kind::ExpressionList => {
                if !self.builder.descend() {
                    self.builder.broken(span);
                    return;
                }
                let kids = self.kids(target);
                let star = kids.iter().position(|k| is_splat(*k));
                for (i, kid) in kids.iter().enumerate() {
                    let mut from = from.to_vec();
                    from.push(match star {
                        Some(s) if i == s => Step::Rest,
                        Some(s) if i > s => item(i, Some(kids.len())),
                        _ => item(i, None),
                    });
                    self.store(*kid, value, &from, how, local);
                }
                self.builder.ascend();
            }
            Kind::Parenthesized
            | Kind::AsPatternTarget
            | Kind::ListSplatPattern
            | Kind::ListSplat => {
                if !self.builder.descend() {
                    self.builder.broken(span);
                    return;
                }
                if let Some(inner) = self.first_kid(target) {
                    self.store(inner, value, from, how, local);
                }
                self.builder.ascend();
            }
            // `f().x = v` and the like name no place; the parts are still read.
            _ => {
                self.expression(target);
            }
        }
    }

    /// The place that an attribute or a subscript in target position denotes. The names and
    /// members on the way are not lowered as expressions: storing is no use of them. Where the
    /// innermost part is no name, it is lowered, and there is no place.
    fn target_place(&mut self, target: Node<'t>) -> Option<(Name, Vec<Step>)> {
        let fields = &GRAMMAR.fields;
        let mut chain = Vec::new();
        let mut at = target;
        loop {
            let inner = match kind(at) {
                Kind::Attribute => at.child_by_field_id(fields.object),
                Kind::Subscript => at.child_by_field_id(fields.value),
                Kind::Parenthesized => self.first_kid(at),
                _ => None,
            };
            let Some(inner) = inner else { break };
            chain.push(at);
            at = inner;
        }
        let root = if kind(at) == Kind::Identifier {
            Some(Name::from(self.text_of(at)))
        } else {
            self.expression(at);
            None
        };
        let mut path = Vec::new();
        while let Some(node) = chain.pop() {
            match kind(node) {
                Kind::Attribute => {
                    let name = node.child_by_field_id(fields.attribute);
                    path.push(Step::Field(
                        name.map(|n| self.text_of(n)).unwrap_or_default().into(),
                    ));
                }
                Kind::Subscript => {
                    let keys = self.fields(node, fields.subscript);
                    let keys: Vec<_> = keys.into_iter().map(|k| self.expression(k)).collect();
                    path.push(match keys.as_slice() {
                        [key] => self.builder.step(*key),
                        _ => Step::Any,
                    });
                }
                _ => {}
            }
        }
        Some((root?, path))
    }

    /// `e as target`, outside `match`; gives the value.
    pub(super) fn as_pattern(&mut self, node: Node<'t>, how: How) -> ExprId {
        let inner = self.first_kid(node);
        let value = self.part(inner, node);
        if let Some(target) = node.child_by_field_id(GRAMMAR.fields.alias) {
            self.store(target, Some(value), &[], &how, false);
        }
        value
    }

    /// Lowers a pattern of a `case`: binds its names to parts of `subject` and gives the
    /// condition under which it matches, where that is a comparison with literals or constants.
    /// `Ok(None)` means that it always matches.
    pub(super) fn case_pattern(
        &mut self,
        node: Node<'t>,
        subject: ExprId,
        from: &[Step],
    ) -> Result<Option<ExprId>, Unknown> {
        if !self.builder.descend() {
            let span = self.span(node);
            self.builder.broken(span);
            return Err(Unknown);
        }
        let result = self.pattern(node, subject, from);
        self.builder.ascend();
        result
    }

    fn pattern(
        &mut self,
        node: Node<'t>,
        subject: ExprId,
        from: &[Step],
    ) -> Result<Option<ExprId>, Unknown> {
        let span = self.span(node);
        match kind(node) {
            Kind::CasePattern => match self.first_kid(node) {
                Some(inner) if self.text_of(node).starts_with('-') => {
                    let operand = self.expression(inner);
                    let not = false;
                    let value = self.builder.expr(Expr::Unary { not, operand }, span);
                    self.equals(subject, value, from)
                }
                Some(inner) => self.case_pattern(inner, subject, from),
                None => Ok(None),
            },
            Kind::Identifier => {
                self.capture(node, subject, from);
                Ok(None)
            }
            Kind::DottedName => {
                let names = self.kids(node);
                if let [_] = names.as_slice() {
                    self.capture(node, subject, from);
                    return Ok(None);
                }
                let value = self.dotted_name(node);
                self.equals(subject, value, from)
            }
            Kind::String
            | Kind::ConcatenatedString
            | Kind::Integer
            | Kind::Float
            | Kind::True
            | Kind::False
            | Kind::None => {
                let value = self.expression(node);
                self.equals(subject, value, from)
            }
            Kind::UnionPattern => {
                let mut all: Result<Option<ExprId>, Unknown> = Err(Unknown);
                for (i, kid) in self.kids(node).into_iter().enumerate() {
                    let one = self.case_pattern(kid, subject, from);
                    all = match (i, all, one) {
                        (0, _, one) => one,
                        (_, Ok(Some(left)), Ok(Some(right))) => {
                            let op = Op::Or;
                            Ok(Some(
                                self.builder.expr(Expr::Binary { op, left, right }, span),
                            ))
                        }
                        (_, Ok(None), _) | (_, _, Ok(None)) => Ok(None),
                        _ => Err(Unknown),
                    };
                }
                all
            }
            Kind::AsPattern => {
                let kids = self.kids(node);
                let result = match kids.first() {
                    Some(inner) => self.case_pattern(*inner, subject, from),
                    None => Err(Unknown),
                };
                if let [_, .., name] = kids.as_slice() {
                    self.capture(*name, subject, from);
                }
                result
            }
            Kind::TuplePattern | Kind::ListPattern => {
                let kids = self.kids(node);
                // `case (x):` is a pattern in parentheses.
                let grouping = kids.len() == 1
                    && kind(node) == Kind::TuplePattern
                    && !self
                        .text_of(node)
                        .trim_end_matches(')')
                        .trim_end()
                        .ends_with(',');
                if let (true, [one]) = (grouping, kids.as_slice()) {
                    return self.case_pattern(*one, subject, from);
                }
                self.sequence(&kids, subject, from);
                Err(Unknown)
            }
            Kind::DictPattern => {
                let fields = &GRAMMAR.fields;
                let keys = self.fields(node, fields.key);
                let values = self.fields(node, fields.value);
                for (key, value) in keys.into_iter().zip(values) {
                    let step = match self.plain_string(key) {
                        Some(name) => Step::Field(name),
                        None => Step::Any,
                    };
                    self.part_pattern(value, subject, from, step);
                }
                for rest in self.kids(node) {
                    if kind(rest) == Kind::SplatPattern {
                        self.part_pattern(rest, subject, from, Step::Rest);
                    }
                }
                Err(Unknown)
            }
            Kind::ClassPattern => {
                let mut kids = self.kids(node).into_iter();
                if let Some(class) = kids.next() {
                    self.dotted_name(class);
                }
                for kid in kids {
                    self.part_pattern(kid, subject, from, Step::Any);
                }
                Err(Unknown)
            }
            _ => {
                for kid in self.kids(node) {
                    let _ = self.case_pattern(kid, subject, from);
                }
                Err(Unknown)
            }
        }
    }

    /// The patterns of a sequence, each for its item.
    pub(super) fn sequence(&mut self, kids: &[Node<'t>], subject: ExprId, from: &[Step]) {
        let splat = |n: &Node<'t>| {
            kind(*n) == Kind::SplatPattern
                || n.named_child(0)
                    .is_some_and(|k| kind(k) == Kind::SplatPattern)
        };
        let star = kids.iter().position(splat);
        for (i, kid) in kids.iter().enumerate() {
            let step = match star {
                Some(s) if i == s => Step::Rest,
                Some(s) if i > s => item(i, Some(kids.len())),
                _ => item(i, None),
            };
            self.part_pattern(*kid, subject, from, step);
        }
    }

    fn part_pattern(&mut self, node: Node<'t>, subject: ExprId, from: &[Step], step: Step) {
        let mut inner = from.to_vec();
        // `case C(name=pattern)`: the keyword names the part.
        let inside = self
            .first_kid(node)
            .filter(|_| kind(node) == Kind::CasePattern);
        let keyword = inside.filter(|n| kind(*n) == Kind::KeywordPattern);
        if let Some(keyword) = keyword {
            let kids = self.kids(keyword);
            if let [name, value] = kids.as_slice() {
                inner.push(Step::Field(self.text_of(*name).into()));
                let _ = self.case_pattern(*value, subject, &inner);
            }
            return;
        }
        inner.push(step);
        let _ = self.case_pattern(node, subject, &inner);
    }

    fn capture(&mut self, name: Node<'t>, subject: ExprId, from: &[Step]) {
        let text = self.text_of(name);
        if text != "_" {
            let span = self.span(name);
            self.store_name(text.into(), Some(subject), from.to_vec(), How::Set, span);
        }
    }

    /// `subject == value`, where the whole subject is compared.
    fn equals(
        &mut self,
        subject: ExprId,
        value: ExprId,
        from: &[Step],
    ) -> Result<Option<ExprId>, Unknown> {
        if !from.is_empty() {
            return Err(Unknown);
        }
        let span = self.builder.facts().span(value);
        let kind = Expr::Binary {
            op: operator("=="),
            left: subject,
            right: value,
        };
        Ok(Some(self.builder.expr(kind, span)))
    }

    /// `a.b.c` as a chain of members.
    fn dotted_name(&mut self, node: Node<'t>) -> ExprId {
        let start = self.span(node);
        let mut value: Option<ExprId> = None;
        for part in self.kids(node) {
            let name: Name = self.text_of(part).into();
            let span = self.span(part);
            value = Some(match value {
                None => self.builder.expr(Expr::Name(name), span),
                Some(base) => {
                    let span = self.builder.facts().span(base).cover(span);
                    self.builder.expr(Expr::Member { base, name }, span)
                }
            });
        }
        match value {
            Some(v) => v,
            None => self.builder.opaque("missing", Vec::new(), start),
        }
    }
}

/// A pattern whose condition is not modelled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unknown;

/// The step to item `i`, from the end of `total` items where that is given.
fn item(i: usize, total: Option<usize>) -> Step {
    let narrow = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    Step::Item(match total {
        None => narrow(i),
        Some(n) => -narrow(n - i),
    })
}

fn is_splat(node: Node<'_>) -> bool {
    matches!(kind(node), Kind::ListSplatPattern | Kind::ListSplat)
}
