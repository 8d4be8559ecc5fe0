//! What a name within a query stands for.

use std::rc::Rc;

use sqlparser::ast::Ident;

use super::inputs::Inputs;

/// Names compare as databases that fold case compare them.
pub(super) fn fold(name: &str) -> String {
    name.to_lowercase()
}

/// A column of a table, of a subquery or of the result.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: Option<String>,
    pub(super) inputs: Rc<Inputs>,
}

impl Column {
    fn is(&self, folded: &str) -> bool {
        self.name.as_deref().is_some_and(|name| fold(name) == folded)
    }
}

/// Whether there are columns beside those that are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Others {
    /// None.
    #[default]
    No,
    /// All those of the table of this number, under their own names.
    Of(usize),
    /// There may be.
    Unknown,
}

/// What rows come from: a table, a subquery, a function.
#[derive(Debug, Clone, Default)]
pub(super) struct Relation {
    pub(super) columns: Vec<Column>,
    pub(super) others: Others,
    /// What had a say in its rows.
    pub(super) rows: Inputs,
}

impl Relation {
    pub(super) fn column(&self, folded: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.is(folded))
    }
}

/// A relation under the name that it has in a query.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// The parts of its name, folded.
    pub(super) name: Vec<String>,
    pub(super) relation: Rc<Relation>,
    /// Whether `*` shows its columns: not those of a table that only filters.
    pub(super) is_shown: bool,
}

/// All that a query's expressions can name.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    pub(super) relations: Vec<Named>,
    /// Names that a join made one, folded.
    pub(super) merged: Vec<String>,
    /// Columns of the result so far, which most databases let others name.
    pub(super) outputs: Vec<Column>,
    pub(super) parent: Option<&'a Scope<'a>>,
}

/// What a name was found to stand for.
#[derive(Debug)]
pub(super) enum Found {
    Inputs(Rc<Inputs>),
    /// The column of this name of the table of this number.
    Of(usize, String),
    /// Nothing that is certain.
    Nothing,
}

/// Words that are values of the database and may be written like a column.
const NO_COLUMNS: &[&str] = &[
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "level",
    "localtime",
    "localtimestamp",
    "rowid",
    "rownum",
    "session_user",
    "sysdate",
    "systimestamp",
    "user",
];

impl Scope<'_> {
    /// What a bare name stands for.
    pub(super) fn bare(&self, name: &Ident) -> Found {
        let folded = fold(&name.value);
        let mut scope = self;
        loop {
            let mut owners = scope.relations.iter().filter_map(|named| named.relation.column(&folded));
            if let Some(first) = owners.next() {
                return match owners.next().is_none() || scope.merged.contains(&folded) {
                    true => Found::Inputs(Rc::clone(&first.inputs)),
                    false => Found::Nothing,
                };
            }
            let mut open = scope.relations.iter().filter(|named| named.relation.others != Others::No);
            if let Some(first) = open.next() {
                let Others::Of(table) = first.relation.others else { return Found::Nothing };
                let is_sole = open.next().is_none() && !scope.could_be_other(&folded);
                let is_word = name.quote_style.is_none() && NO_COLUMNS.contains(&folded.as_str());
                return match is_sole && !is_word {
                    true => Found::Of(table, name.value.clone()),
                    false => Found::Nothing,
                };
            }
            if let Some(output) = scope.outputs.iter().find(|output| output.is(&folded)) {
                return Found::Inputs(Rc::clone(&output.inputs));
            }
            match scope.parent {
                Some(parent) => scope = parent,
                None => return Found::Nothing,
            }
        }
    }

    /// Whether a name that an open table may have could also be something else.
    fn could_be_other(&self, folded: &str) -> bool {
        let is_name = |named: &Named| named.name.last().is_some_and(|name| name == folded);
        if self.relations.iter().any(is_name) || self.outputs.iter().any(|output| output.is(folded)) {
            return true;
        }
        let mut outer = self.parent;
        while let Some(scope) = outer {
            let has = |named: &Named| {
                named.relation.others != Others::No || named.relation.column(folded).is_some()
            };
            if scope.relations.iter().any(has) {
                return true;
            }
            outer = scope.parent;
        }
        false
    }

    /// What a name with dots stands for: a column of a table, or a field in either.
    pub(super) fn dotted(&self, name: &[Ident]) -> Found {
        let folded: Vec<String> = name.iter().map(|part| fold(&part.value)).collect();
        for length in (1..name.len()).rev() {
            let (qualifier, rest) = folded.split_at(length);
            let Some(named) = self.named(qualifier) else { continue };
            let (Some(column), Some(written)) = (rest.first(), name.get(length)) else { continue };
            return match (named.relation.column(column), named.relation.others) {
                (Some(column), _) => Found::Inputs(Rc::clone(&column.inputs)),
                (None, Others::Of(table)) => Found::Of(table, written.value.clone()),
                (None, _) => Found::Nothing,
            };
        }
        // A field of a column; that of an open table could as well be a column of an unknown one.
        match name.first().map(|first| self.bare(first)) {
            Some(Found::Inputs(inputs)) => Found::Inputs(inputs),
            _ => Found::Nothing,
        }
    }

    /// The relation that is called so, from the innermost query out.
    pub(super) fn named(&self, qualifier: &[String]) -> Option<&Named> {
        let mut scope = Some(self);
        while let Some(at) = scope {
            let mut found = at.relations.iter().filter(|named| named.name.ends_with(qualifier));
            if let Some(first) = found.next() {
                return found.next().is_none().then_some(first);
            }
            scope = at.parent;
        }
        None
    }
}
