//! The walk through a query, from its tables to its result.

use std::{collections::HashMap, rc::Rc};

use sqlparser::ast::{
    GroupByExpr, Ident, ObjectName, OrderBy, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier, WildcardAdditionalOptions,
};

use super::{
    Output, Resolve, SqlError, SqlLineage,
    inputs::{Input, Inputs, Way},
    scope::{Column, Others, Relation, Scope, fold},
    table::{self, parts},
};

/// How many steps are taken for one query.
const MAX_STEPS: usize = 200_000;
/// How deep queries may nest.
const MAX_DEPTH: usize = 40;

/// What was seen so far.
pub(super) struct Walk<'a> {
    resolve: Resolve<'a>,
    tables: Vec<Vec<String>>,
    relations: Vec<Rc<Relation>>,
    tables_by_name: HashMap<Vec<String>, usize>,
    columns: Vec<(usize, String)>,
    columns_by_name: HashMap<(usize, String), usize>,
    /// Common table expressions, the innermost last.
    pub(super) ctes: Vec<(String, Rc<Relation>)>,
    steps: usize,
    depth: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(resolve: Resolve<'a>) -> Self {
        Self {
            resolve,
            tables: Vec::new(),
            relations: Vec::new(),
            tables_by_name: HashMap::new(),
            columns: Vec::new(),
            columns_by_name: HashMap::new(),
            ctes: Vec::new(),
            steps: 0,
            depth: 0,
        }
    }

    /// Counts a step.
    pub(super) fn step(&mut self) -> Result<(), SqlError> {
        self.steps += 1;
        if self.steps > MAX_STEPS { Err(SqlError::TooMuch) } else { Ok(()) }
    }

    /// Does something one level deeper.
    pub(super) fn nested<T>(
        &mut self,
        walk: impl FnOnce(&mut Self) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        if self.depth >= MAX_DEPTH {
            return Err(SqlError::TooDeep);
        }
        self.depth += 1;
        let result = walk(self);
        self.depth -= 1;
        result
    }

    /// Adds a table's column to what something is made of.
    pub(super) fn put(
        &mut self,
        to: &mut Inputs,
        table: usize,
        column: &str,
        way: Way,
    ) -> Result<(), SqlError> {
        self.step()?;
        let next = self.columns.len();
        let number = *self.columns_by_name.entry((table, fold(column))).or_insert(next);
        if number == next {
            self.columns.push((table, column.to_owned()));
        }
        to.entry(number).or_default().add(way);
        Ok(())
    }

    /// Adds what something is made of to what uses it this way.
    pub(super) fn use_of(&mut self, from: &Inputs, way: Way, to: &mut Inputs) -> Result<(), SqlError> {
        for (number, ways) in from {
            self.step()?;
            let used = to.entry(*number).or_default();
            ways.iter().for_each(|inner| used.add(inner.then(way)));
        }
        Ok(())
    }

    /// Adds what had a say in a relation's rows.
    pub(super) fn use_rows(&mut self, relation: &Relation, rows: &mut Inputs) -> Result<(), SqlError> {
        self.use_of(&relation.rows, Way::Identity, rows)
    }

    /// The table of this name.
    pub(super) fn base(&mut self, name: &[String]) -> Result<Rc<Relation>, SqlError> {
        let key: Vec<String> = name.iter().map(|part| fold(part)).collect();
        if let Some(relation) = self.tables_by_name.get(&key).and_then(|table| self.relations.get(*table)) {
            return Ok(Rc::clone(relation));
        }
        let table = self.tables.len();
        self.tables.push(name.to_vec());
        self.tables_by_name.insert(key, table);
        let mut relation = Relation::default();
        match (self.resolve)(name) {
            None => relation.others = Others::Of(table),
            Some(columns) => {
                for column in columns {
                    let mut inputs = Inputs::new();
                    self.put(&mut inputs, table, &column, Way::Identity)?;
                    relation.columns.push(Column { name: Some(column), inputs: Rc::new(inputs) });
                }
            }
        }
        let relation = Rc::new(relation);
        self.relations.push(Rc::clone(&relation));
        Ok(relation)
    }

    /// Walks a query. `parent` has the names of the query around it.
    pub(super) fn query(&mut self, query: &Query, parent: Option<&Scope<'_>>) -> Result<Relation, SqlError> {
        self.step()?;
        self.nested(|walk| {
            let outer = walk.ctes.len();
            let result = walk.query_within(query, parent);
            walk.ctes.truncate(outer);
            let mut relation = result?;
            if !query.pipe_operators.is_empty() {
                // What pipes make of it isn't followed.
                relation.columns.clear();
                relation.others = Others::Unknown;
            }
            Ok(relation)
        })
    }

    fn query_within(&mut self, query: &Query, parent: Option<&Scope<'_>>) -> Result<Relation, SqlError> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = fold(&cte.alias.name.value);
            let names: Vec<&Ident> = cte.alias.columns.iter().map(|column| &column.name).collect();
            let finish = |relation: Relation| match names.is_empty() {
                true => relation,
                false => table::renamed(&relation, &names),
            };
            let before = self.ctes.len();
            if query.with.as_ref().is_some_and(|with| with.recursive) {
                // What it is made of at first is what it is made of when it names itself.
                let first = match cte.query.body.as_ref() {
                    SetExpr::SetOperation { left, .. } => {
                        self.nested(|walk| walk.body(left, None, parent))?
                    }
                    _ => Relation { others: Others::Unknown, ..Relation::default() },
                };
                self.ctes.push((name.clone(), Rc::new(finish(first))));
            }
            let relation = finish(self.query(&cte.query, parent)?);
            self.ctes.truncate(before);
            self.ctes.push((name, Rc::new(relation)));
        }
        self.body(&query.body, query.order_by.as_ref(), parent)
    }

    fn body(
        &mut self,
        body: &SetExpr,
        order_by: Option<&OrderBy>,
        parent: Option<&Scope<'_>>,
    ) -> Result<Relation, SqlError> {
        match body {
            SetExpr::Select(select) => self.select(select, order_by, parent),
            SetExpr::Query(query) => {
                let relation = self.query(query, parent)?;
                self.sorted(relation, order_by)
            }
            SetExpr::SetOperation { .. } => {
                let relation = self.set(body, parent)?;
                self.sorted(relation, order_by)
            }
            SetExpr::Values(values) => {
                let width = values.rows.first().map_or(0, |row| row.content.len());
                let column = Column { name: None, inputs: Rc::default() };
                Ok(Relation { columns: vec![column; width], ..Relation::default() })
            }
            _ => Ok(Relation { others: Others::Unknown, ..Relation::default() }),
        }
    }

    /// Several queries as one. The left operand may be such a chain again, as long as there are operators.
    fn set(&mut self, mut body: &SetExpr, parent: Option<&Scope<'_>>) -> Result<Relation, SqlError> {
        let mut rest = Vec::new();
        while let SetExpr::SetOperation { left, op, set_quantifier, right } = body {
            rest.push((*op, *set_quantifier, right.as_ref()));
            body = left.as_ref();
        }
        let mut whole = self.nested(|walk| walk.body(body, None, parent))?;
        for (operator, quantifier, right) in rest.into_iter().rev() {
            let right = self.nested(|walk| walk.body(right, None, parent))?;
            self.use_rows(&right, &mut whole.rows)?;
            if operator != SetOperator::Union {
                // The other rows only decide which of these there are.
                for column in &right.columns {
                    self.use_of(&column.inputs, Way::Filter, &mut whole.rows)?;
                }
                continue;
            }
            let by_name = matches!(
                quantifier,
                SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName
            );
            let is_known = whole.others == Others::No && right.others == Others::No;
            if !is_known || !by_name && whole.columns.len() != right.columns.len() {
                whole.columns.clear();
                whole.others = Others::Unknown;
                continue;
            }
            for (at, column) in right.columns.iter().enumerate() {
                let position = match (by_name, &column.name) {
                    (false, _) => Some(at),
                    (true, None) => continue,
                    (true, Some(name)) => {
                        let name = fold(name);
                        whole
                            .columns
                            .iter()
                            .position(|known| known.name.as_deref().map(fold) == Some(name.clone()))
                    }
                };
                match position.and_then(|position| whole.columns.get_mut(position)) {
                    Some(known) => {
                        let mut inputs = Inputs::clone(&known.inputs);
                        self.use_of(&column.inputs, Way::Identity, &mut inputs)?;
                        known.inputs = Rc::new(inputs);
                    }
                    None => whole.columns.push(column.clone()),
                }
            }
        }
        Ok(whole)
    }

    /// Sorts what has no tables of its own any more: by the names and places of its columns.
    fn sorted(&mut self, mut relation: Relation, order_by: Option<&OrderBy>) -> Result<Relation, SqlError> {
        let mut rows = std::mem::take(&mut relation.rows);
        let scope = Scope { outputs: relation.columns.clone(), ..Scope::default() };
        self.sort(&scope, order_by, &mut rows)?;
        relation.rows = rows;
        Ok(relation)
    }

    fn sort(
        &mut self,
        scope: &Scope<'_>,
        order_by: Option<&OrderBy>,
        rows: &mut Inputs,
    ) -> Result<(), SqlError> {
        let Some(OrderBy { kind: OrderByKind::Expressions(list), .. }) = order_by else { return Ok(()) };
        for item in list {
            self.by_place_or_name(scope, &item.expr, Way::Sort, rows)?;
        }
        Ok(())
    }

    fn select(
        &mut self,
        select: &Select,
        order_by: Option<&OrderBy>,
        parent: Option<&Scope<'_>>,
    ) -> Result<Relation, SqlError> {
        let mut scope = Scope { parent, ..Scope::default() };
        let mut rows = Inputs::new();
        for from in &select.from {
            self.from(&mut scope, from, &mut rows)?;
        }
        for _ in &select.lateral_views {
            self.unknown(&mut scope, None)?;
        }
        let mut others = Others::No;
        for item in &select.projection {
            self.item(&mut scope, item, &mut others)?;
        }
        if select.exclude.is_some() || select.value_table_mode.is_some() {
            others = Others::Unknown;
            scope.outputs.clear();
        }
        for filter in
            [&select.prewhere, &select.selection, &select.having, &select.qualify].into_iter().flatten()
        {
            self.expression(&scope, filter, Way::Filter, &mut rows)?;
        }
        match &select.group_by {
            GroupByExpr::Expressions(list, _) => {
                for expression in list {
                    match table::position(expression).and_then(|at| scope.outputs.get(at)).cloned() {
                        Some(output) => self.use_of(&output.inputs, Way::GroupBy, &mut rows)?,
                        None => self.expression(&scope, expression, Way::GroupBy, &mut rows)?,
                    }
                }
            }
            GroupByExpr::All(_) => {
                for output in scope.outputs.clone() {
                    if !output.inputs.values().any(|ways| ways.has(Way::Aggregation)) {
                        self.use_of(&output.inputs, Way::GroupBy, &mut rows)?;
                    }
                }
            }
        }
        self.sort(&scope, order_by, &mut rows)?;
        Ok(Relation { columns: scope.outputs, others, rows })
    }

    fn item(
        &mut self,
        scope: &mut Scope<'_>,
        item: &SelectItem,
        others: &mut Others,
    ) -> Result<(), SqlError> {
        let (expression, name) = match item {
            SelectItem::UnnamedExpr(expression) => (expression, super::expression::name(expression)),
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias.value.clone())),
            SelectItem::Wildcard(options) => return self.star(scope, None, options, others),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                return self.star(scope, Some(name), options, others);
            }
            _ => {
                *others = Others::Unknown;
                return Ok(());
            }
        };
        let mut inputs = Inputs::new();
        self.expression(scope, expression, Way::Identity, &mut inputs)?;
        scope.outputs.push(Column { name, inputs: Rc::new(inputs) });
        Ok(())
    }

    /// All columns of all tables, or of one.
    fn star(
        &mut self,
        scope: &mut Scope<'_>,
        of: Option<&ObjectName>,
        options: &WildcardAdditionalOptions,
        others: &mut Others,
    ) -> Result<(), SqlError> {
        let changes = super::expression::Changes::of(options);
        let relations: Vec<Rc<Relation>> = match of.map(parts) {
            None => scope
                .relations
                .iter()
                .filter(|named| named.is_shown)
                .map(|named| Rc::clone(&named.relation))
                .collect(),
            Some(qualifier) => {
                let qualifier: Vec<String> = qualifier.iter().flatten().map(|part| fold(part)).collect();
                match scope.named(&qualifier) {
                    Some(named) if !qualifier.is_empty() => vec![Rc::clone(&named.relation)],
                    _ => {
                        *others = Others::Unknown;
                        return Ok(());
                    }
                }
            }
        };
        let mut shown: Vec<String> = Vec::new();
        for relation in relations {
            *others = match (*others, relation.others) {
                (Others::No, Others::Of(_)) if changes.are_unknown() || changes.make_names() => {
                    Others::Unknown
                }
                (Others::No, more) => more,
                (known, Others::No) => known,
                _ => Others::Unknown,
            };
            for column in &relation.columns {
                self.step()?;
                let folded = column.name.as_deref().map(fold).unwrap_or_default();
                // Columns that were joined into one are shown once.
                if of.is_none() && scope.merged.contains(&folded) {
                    if shown.contains(&folded) {
                        continue;
                    }
                    shown.push(folded.clone());
                }
                if changes.is_dropped(&folded) {
                    continue;
                }
                let mut column = column.clone();
                if let Some(expression) = changes.replaced(&folded) {
                    let mut inputs = Inputs::new();
                    self.expression(scope, expression, Way::Identity, &mut inputs)?;
                    column.inputs = Rc::new(inputs);
                }
                if let Some(name) = changes.renamed(&folded) {
                    column.name = Some(name);
                }
                scope.outputs.push(column);
            }
        }
        if changes.are_unknown() && *others == Others::No {
            // Which columns a pattern leaves isn't followed.
            *others = Others::Unknown;
            scope.outputs.clear();
        }
        Ok(())
    }

    /// What is told in the end. With `names`, the columns are called by those, in their order.
    pub(super) fn told(
        &self,
        relation: &Relation,
        target: Option<Vec<String>>,
        names: Option<Vec<String>>,
    ) -> SqlLineage {
        let is_placed = relation.others == Others::No
            && names.as_ref().is_none_or(|names| names.len() == relation.columns.len());
        let mut columns = Vec::new();
        for (at, column) in relation.columns.iter().enumerate() {
            let name = match &names {
                None => column.name.clone(),
                Some(names) => names.get(at).filter(|_| is_placed).cloned(),
            };
            if let Some(name) = name {
                columns.push(Output { name, inputs: self.inputs(&column.inputs) });
            }
        }
        SqlLineage { target, tables: self.tables.clone(), columns, rows: self.inputs(&relation.rows) }
    }

    fn inputs(&self, inputs: &Inputs) -> Vec<Input> {
        let input = |(number, ways): (&usize, &super::inputs::Ways)| {
            let (table, column) = self.columns.get(*number)?;
            let table = self.tables.get(*table)?.clone();
            Some(Input { table, column: column.clone(), ways: ways.iter().collect() })
        };
        inputs.iter().filter_map(input).collect()
    }
}
