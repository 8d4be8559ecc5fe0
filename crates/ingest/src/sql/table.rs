//! Tables and what else stands in FROM.

use std::rc::Rc;

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, TableAlias,
    TableFactor, TableWithJoins,
};

use super::{
    SqlError,
    inputs::{Inputs, Way},
    query::Walk,
    scope::{Column, Named, Others, Relation, Scope, fold},
};

/// The parts of a name; none where a function makes it.
pub(super) fn parts(name: &ObjectName) -> Option<Vec<String>> {
    name.0.iter().map(|part| part.as_ident().map(|ident| ident.value.clone())).collect()
}

impl Walk<'_> {
    /// Adds what FROM names to a scope; what joins and filters goes to `rows`.
    pub(super) fn from(
        &mut self,
        scope: &mut Scope<'_>,
        from: &TableWithJoins,
        rows: &mut Inputs,
    ) -> Result<(), SqlError> {
        self.factor(scope, &from.relation, rows)?;
        for join in &from.joins {
            self.join(scope, join, rows)?;
        }
        Ok(())
    }

    fn join(&mut self, scope: &mut Scope<'_>, join: &Join, rows: &mut Inputs) -> Result<(), SqlError> {
        let before = scope.relations.len();
        self.factor(scope, &join.relation, rows)?;
        use JoinOperator as Op;
        let constraint = match &join.join_operator {
            Op::Semi(on) | Op::LeftSemi(on) | Op::Anti(on) | Op::LeftAnti(on) => {
                for named in scope.relations.iter_mut().skip(before) {
                    named.is_shown = false;
                }
                on
            }
            Op::RightSemi(on) | Op::RightAnti(on) => {
                for named in scope.relations.iter_mut().take(before) {
                    named.is_shown = false;
                }
                on
            }
            Op::AsOf { match_condition, constraint } => {
                self.expression(scope, match_condition, Way::Join, rows)?;
                constraint
            }
            Op::Join(on)
            | Op::Inner(on)
            | Op::Left(on)
            | Op::LeftOuter(on)
            | Op::Right(on)
            | Op::RightOuter(on)
            | Op::FullOuter(on)
            | Op::CrossJoin(on)
            | Op::StraightJoin(on) => on,
            _ => return Ok(()),
        };
        match constraint {
            JoinConstraint::On(on) => self.expression(scope, on, Way::Join, rows),
            JoinConstraint::Using(names) | JoinConstraint::UsingAlias(names, _) => {
                let names = names.iter().filter_map(|name| parts(name)?.pop()).collect();
                self.merge(scope, names, before, &join.join_operator, rows)
            }
            JoinConstraint::Natural => {
                let (left, right) = scope.relations.split_at(before);
                if left.iter().chain(right).any(|named| named.relation.others != Others::No) {
                    return Ok(());
                }
                let names = right.iter().flat_map(|named| &named.relation.columns);
                let names = names.filter_map(|column| column.name.clone());
                let shared =
                    |name: &String| left.iter().any(|named| named.relation.column(&fold(name)).is_some());
                let names = names.filter(shared).collect();
                self.merge(scope, names, before, &join.join_operator, rows)
            }
            JoinConstraint::None => Ok(()),
        }
    }

    /// Joins by columns of the same name, which are one from then on: the side's whose rows are all kept.
    fn merge(
        &mut self,
        scope: &mut Scope<'_>,
        names: Vec<String>,
        before: usize,
        operator: &JoinOperator,
        rows: &mut Inputs,
    ) -> Result<(), SqlError> {
        let takes_right = matches!(
            operator,
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_)
        );
        for name in names {
            let folded = fold(&name);
            for at in 0..scope.relations.len() {
                let Some(named) = scope.relations.get(at) else { break };
                let mut found = named.relation.column(&folded).map(|column| Rc::clone(&column.inputs));
                let sides = [&scope.relations[..before], &scope.relations[before..]];
                let side = sides[usize::from(at >= before)];
                let is_sole = side.iter().filter(|named| named.relation.others != Others::No).count() == 1
                    && side.iter().all(|named| named.relation.column(&folded).is_none());
                if let (None, Others::Of(table), true) = (&found, named.relation.others, is_sole) {
                    let mut inputs = Inputs::new();
                    self.put(&mut inputs, table, &name, Way::Identity)?;
                    let inputs = Rc::new(inputs);
                    // From now on it is known that the table has it.
                    let mut relation = Relation::clone(&named.relation);
                    relation.columns.push(Column { name: Some(name.clone()), inputs: Rc::clone(&inputs) });
                    if let Some(named) = scope.relations.get_mut(at) {
                        named.relation = Rc::new(relation);
                    }
                    found = Some(inputs);
                }
                if let Some(inputs) = found {
                    self.use_of(&inputs, Way::Join, rows)?;
                }
            }
            // Which side's value it has is only certain when the left's rows are all that there are.
            match takes_right {
                true => scope.merged.retain(|merged| *merged != folded),
                false if !scope.merged.contains(&folded) => scope.merged.push(folded),
                false => {}
            }
        }
        Ok(())
    }

    fn factor(
        &mut self,
        scope: &mut Scope<'_>,
        factor: &TableFactor,
        rows: &mut Inputs,
    ) -> Result<(), SqlError> {
        self.step()?;
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let Some(name) = parts(name) else { return self.unknown(scope, alias.as_ref()) };
                let relation = self.table(&name)?;
                self.use_rows(&relation, rows)?;
                add(scope, alias.as_ref(), name, relation);
            }
            TableFactor::Table { name, alias, args: Some(args), .. } => {
                let Some(files) = files(name, &args.args) else { return self.unknown(scope, alias.as_ref()) };
                // One after another, as if they were one.
                let [file] = files.as_slice() else {
                    for file in files {
                        let relation = self.base(&[file])?;
                        self.use_rows(&relation, rows)?;
                    }
                    return self.unknown(scope, alias.as_ref());
                };
                let relation = self.base(std::slice::from_ref(file))?;
                self.use_rows(&relation, rows)?;
                add(scope, alias.as_ref(), Vec::new(), relation);
            }
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                // What is lateral may name what stands before it.
                let parent = if *lateral { Some(&*scope) } else { scope.parent };
                let relation = Rc::new(self.query(subquery, parent)?);
                self.use_rows(&relation, rows)?;
                add(scope, alias.as_ref(), Vec::new(), relation);
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                self.nested(|walk| walk.from(scope, table_with_joins, rows))?;
            }
            TableFactor::UNNEST { alias, array_exprs, .. } => {
                let mut inputs = Inputs::new();
                for array in array_exprs {
                    self.expression(scope, array, Way::Transformation, &mut inputs)?;
                }
                self.unnested(scope, alias.as_ref(), inputs);
            }
            TableFactor::Pivot { table, alias, .. } | TableFactor::Unpivot { table, alias, .. } => {
                // Which columns come out depends on values: only the tables are read.
                let mut inner = Scope { parent: scope.parent, ..Scope::default() };
                self.nested(|walk| walk.factor(&mut inner, table, rows))?;
                self.unknown(scope, alias.as_ref())?;
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                let mut inner = Scope { parent: scope.parent, ..Scope::default() };
                self.nested(|walk| walk.from(&mut inner, table_with_joins, rows))?;
                self.unknown(scope, alias.as_ref())?;
            }
            TableFactor::TableFunction { alias, .. }
            | TableFactor::Function { alias, .. }
            | TableFactor::JsonTable { alias, .. }
            | TableFactor::OpenJsonTable { alias, .. }
            | TableFactor::MatchRecognize { alias, .. }
            | TableFactor::XmlTable { alias, .. }
            | TableFactor::SemanticView { alias, .. } => self.unknown(scope, alias.as_ref())?,
            _ => self.unknown(scope, None)?,
        }
        Ok(())
    }

    /// What an array's elements are called: by the alias's column, or by the alias itself.
    fn unnested(&mut self, scope: &mut Scope<'_>, alias: Option<&TableAlias>, inputs: Inputs) {
        let names: Vec<String> = match alias {
            None => Vec::new(),
            Some(alias) if alias.columns.is_empty() => vec![alias.name.value.clone()],
            Some(alias) => alias.columns.iter().map(|column| column.name.value.clone()).collect(),
        };
        let inputs = Rc::new(inputs);
        let column = |name| Column { name: Some(name), inputs: Rc::clone(&inputs) };
        let columns = names.into_iter().map(column).collect();
        let relation = Relation { columns, others: Others::Unknown, rows: Inputs::new() };
        let name = alias.map(|alias| fold(&alias.name.value)).into_iter().collect();
        scope.relations.push(Named { name, relation: Rc::new(relation), is_shown: true });
    }

    /// A source of rows of which nothing is known.
    pub(super) fn unknown(
        &mut self,
        scope: &mut Scope<'_>,
        alias: Option<&TableAlias>,
    ) -> Result<(), SqlError> {
        let relation = Relation { others: Others::Unknown, ..Relation::default() };
        add(scope, alias, Vec::new(), Rc::new(relation));
        self.step()
    }

    /// The relation of this name: a common table expression's or a table's.
    fn table(&mut self, name: &[String]) -> Result<Rc<Relation>, SqlError> {
        if let [name] = name {
            let folded = fold(name);
            let cte = self.ctes.iter().rev().find(|(name, _)| *name == folded);
            if let Some((_, relation)) = cte {
                return Ok(Rc::clone(relation));
            }
        }
        self.base(name)
    }
}

/// Functions that stand in FROM for the files that they are given.
const READERS: &[&str] = &[
    "read_csv",
    "read_csv_auto",
    "sniff_csv",
    "read_parquet",
    "parquet_scan",
    "read_json",
    "read_json_auto",
    "read_json_objects",
    "read_ndjson",
    "read_ndjson_auto",
    "read_ndjson_objects",
    "read_xlsx",
    "read_text",
    "delta_scan",
    "iceberg_scan",
    "read_files",
];

/// Whether the function of this name reads files as tables.
pub(crate) fn reads_files(function: &str) -> bool {
    READERS.contains(&function.to_lowercase().as_str())
}

/// The files that a table function reads; none for other functions.
fn files(function: &ObjectName, arguments: &[FunctionArg]) -> Option<Vec<String>> {
    if !reads_files(&parts(function)?.pop()?) {
        return None;
    }
    let FunctionArg::Unnamed(FunctionArgExpr::Expr(first)) = arguments.first()? else { return None };
    let listed = match first {
        Expr::Array(array) => array.elem.as_slice(),
        one => std::slice::from_ref(one),
    };
    let texts = listed.iter().map(|item| match item {
        Expr::Value(value) => value.value.clone().into_string(),
        _ => None,
    });
    texts.collect::<Option<Vec<String>>>().filter(|files| !files.is_empty())
}

fn add(scope: &mut Scope<'_>, alias: Option<&TableAlias>, name: Vec<String>, relation: Rc<Relation>) {
    let relation = match alias {
        Some(alias) if !alias.columns.is_empty() => {
            let names: Vec<&Ident> = alias.columns.iter().map(|column| &column.name).collect();
            Rc::new(renamed(&relation, &names))
        }
        _ => relation,
    };
    let name = match alias {
        Some(alias) => vec![fold(&alias.name.value)],
        None => name.iter().map(|part| fold(part)).collect(),
    };
    scope.relations.push(Named { name, relation, is_shown: true });
}

/// The relation with other names for its first columns.
pub(super) fn renamed(relation: &Relation, names: &[&Ident]) -> Relation {
    if relation.others != Others::No {
        // Which column comes at which place isn't known.
        return Relation { others: Others::Unknown, rows: relation.rows.clone(), ..Relation::default() };
    }
    let mut renamed = relation.clone();
    for (column, name) in renamed.columns.iter_mut().zip(names) {
        column.name = Some(name.value.clone());
    }
    renamed
}

/// The text of an expression that is nothing but a whole number.
pub(super) fn position(expression: &Expr) -> Option<usize> {
    let Expr::Value(value) = expression else { return None };
    value.to_string().parse::<usize>().ok()?.checked_sub(1)
}
