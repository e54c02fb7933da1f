//! What bounds an evaluation: steps, and nesting. A result that ran into a bound is never remembered.

use super::Evaluator;
use crate::resolve::value::{Env, ExprRef, Value};

/// Steps per evaluated root.
pub(super) const FUEL: u32 = 40_000;
/// Steps per callee looked at.
const CALLEE_FUEL: u32 = 3_000;
/// Steps for a callee that is a variable: a factory made it, of settings that cost what they cost.
const VARIABLE_FUEL: u32 = 20_000;
/// Steps for what is spread into a map: settings of the call as a rule, which must not cost its words.
pub(super) const SPREAD_FUEL: u32 = 5_000;
/// Nested evaluations.
const MAX_DEPTH: u32 = 120;

impl Evaluator<'_> {
    /// Runs one step of a recursion that does not pass through [`Self::eval`]; `None` where it is too deep.
    pub(crate) fn nested<T>(&self, f: impl FnOnce() -> Option<T>) -> Option<T> {
        if !self.spend() {
            return None;
        }
        self.deeper(f)
    }

    /// Takes one step; `false` where none is left, or the nesting is too deep.
    pub(super) fn spend(&self) -> bool {
        let fuel = self.fuel.get();
        if fuel == 0 || self.depth.get() >= MAX_DEPTH {
            self.limited.set(true);
            return false;
        }
        self.fuel.set(fuel - 1);
        true
    }

    /// Evaluates one level further down.
    pub(super) fn deeper<T>(&self, f: impl FnOnce() -> T) -> T {
        self.depth.set(self.depth.get() + 1);
        let value = f();
        self.depth.set(self.depth.get() - 1);
        value
    }

    /// Evaluates with at most so many of the steps that are left.
    pub(super) fn within<T>(&self, steps: u32, f: impl FnOnce() -> T) -> T {
        let all = self.fuel.get();
        let given = steps.min(all);
        self.fuel.set(given);
        let value = f();
        self.fuel.set(all - given + self.fuel.get());
        value
    }

    /// Evaluates one of several parts of something: no part costs the others their words.
    pub(crate) fn eval_part(&self, at: ExprRef, env: &Env) -> Value {
        self.within(self.fuel.get() / 2, || self.eval(at, env))
    }

    /// Fills the tank: called before each root (one call site).
    pub(crate) fn refuel(&self) {
        self.fill_tank(FUEL);
    }

    /// Fills the tank for a callee, of which a file has thousands.
    pub(crate) fn refuel_for_callee(&self) {
        self.fill_tank(CALLEE_FUEL);
    }

    /// Fills the tank for a callee that could not be evaluated with the steps of any.
    pub(crate) fn refuel_for_variable(&self) {
        self.fill_tank(VARIABLE_FUEL);
    }

    fn fill_tank(&self, steps: u32) {
        self.memo.new_root();
        self.fuel.set(steps);
        self.limited.set(false);
    }

    /// Steps that are left.
    pub(crate) const fn fuel_left(&self) -> u32 {
        self.fuel.get()
    }

    /// Whether something ran into a bound since [`Self::refuel`].
    pub(crate) const fn ran_out(&self) -> bool {
        self.limited.get()
    }
}
