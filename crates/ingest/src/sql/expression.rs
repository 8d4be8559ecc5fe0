//! What an expression is made of. Expressions are walked with a list of what is left to do, since they can be deep.

use sqlparser::ast::{
    AccessExpr, ExceptSelectItem, ExcludeSelectItem, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArguments, InTarget, Query, RenameSelectItem, Subscript,
    WildcardAdditionalOptions, WindowType,
};

use super::{
    SqlError,
    inputs::{Inputs, Way},
    query::Walk,
    scope::{Found, Scope, fold},
    table::{self, parts},
};

/// Functions that make one value of many rows.
const AGGREGATES: &[&str] = &[
    "any_value",
    "approx_count_distinct",
    "approx_distinct",
    "approx_quantiles",
    "arg_max",
    "arg_min",
    "array_agg",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "corr",
    "count",
    "count_if",
    "countif",
    "covar_pop",
    "covar_samp",
    "every",
    "first",
    "group_concat",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "kurtosis",
    "last",
    "list",
    "listagg",
    "logical_and",
    "logical_or",
    "max",
    "max_by",
    "mean",
    "median",
    "min",
    "min_by",
    "mode",
    "object_agg",
    "percentile_cont",
    "percentile_disc",
    "quantile",
    "quantile_cont",
    "skewness",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "string_agg",
    "sum",
    "total",
    "var_pop",
    "var_samp",
    "variance",
];

/// Words that stand for a part of a date where a function takes one.
const DATE_PARTS: &[&str] = &[
    "century",
    "day",
    "dayofweek",
    "dayofyear",
    "decade",
    "epoch",
    "hour",
    "hours",
    "isoweek",
    "isoyear",
    "microsecond",
    "millisecond",
    "minute",
    "month",
    "nanosecond",
    "quarter",
    "second",
    "week",
    "weekday",
    "year",
    "dd",
    "mm",
    "yy",
    "yyyy",
    "hh",
    "mi",
    "ss",
    "d",
    "m",
    "y",
    "q",
    "w",
];

impl Walk<'_> {
    /// Adds what an expression that is used this way is made of.
    pub(super) fn expression(
        &mut self,
        scope: &Scope<'_>,
        expression: &Expr,
        way: Way,
        to: &mut Inputs,
    ) -> Result<(), SqlError> {
        let mut left = vec![(expression, way)];
        while let Some((expression, way)) = left.pop() {
            self.step()?;
            self.one(scope, expression, way, to, &mut left)?;
        }
        Ok(())
    }

    /// What a list sorts by: a place or name of the result, or else an expression.
    pub(super) fn by_place_or_name(
        &mut self,
        scope: &Scope<'_>,
        expression: &Expr,
        way: Way,
        to: &mut Inputs,
    ) -> Result<(), SqlError> {
        let output = match (table::position(expression), expression) {
            (Some(at), _) => scope.outputs.get(at),
            (None, Expr::Identifier(name)) => {
                let folded = fold(&name.value);
                scope.outputs.iter().find(|output| output.name.as_deref().map(fold) == Some(folded.clone()))
            }
            _ => None,
        };
        match output {
            Some(output) => self.use_of(&output.inputs, way, to),
            None => self.expression(scope, expression, way, to),
        }
    }

    fn found(&mut self, found: Found, way: Way, to: &mut Inputs) -> Result<(), SqlError> {
        match found {
            Found::Inputs(inputs) => self.use_of(&inputs, way, to),
            Found::Of(table, column) => self.put(to, table, &column, way),
            Found::Nothing => Ok(()),
        }
    }

    fn one<'e>(
        &mut self,
        scope: &Scope<'_>,
        expression: &'e Expr,
        way: Way,
        to: &mut Inputs,
        left: &mut Vec<(&'e Expr, Way)>,
    ) -> Result<(), SqlError> {
        let changed = Way::Transformation.then(way);
        match expression {
            Expr::Identifier(name) => self.found(scope.bare(name), way, to)?,
            Expr::CompoundIdentifier(names) => self.found(scope.dotted(names), way, to)?,
            Expr::Nested(inner)
            | Expr::Named { expr: inner, .. }
            | Expr::OuterJoin(inner)
            | Expr::Prior(inner) => {
                left.push((inner, way));
            }
            Expr::CompoundFieldAccess { root, access_chain } => {
                left.push((root, changed));
                for access in access_chain {
                    if let AccessExpr::Subscript(Subscript::Index { index }) = access {
                        left.push((index, changed));
                    }
                }
            }
            Expr::Function(function) => self.function(scope, function, way, to, left)?,
            Expr::Case { operand, conditions, else_result, .. } => {
                let condition = way.then(Way::Conditional);
                let condition = if way.is_direct() { condition } else { way };
                left.extend(operand.iter().map(|operand| (operand.as_ref(), condition)));
                for when in conditions {
                    left.push((&when.condition, condition));
                    left.push((&when.result, changed));
                }
                left.extend(else_result.iter().map(|result| (result.as_ref(), changed)));
            }
            Expr::Subquery(query) => self.subquery(scope, query, changed, true, to)?,
            Expr::Exists { subquery, .. } => self.subquery(scope, subquery, changed, false, to)?,
            Expr::In { expr, target, .. } => {
                left.push((expr, changed));
                match target {
                    InTarget::List(list) => left.extend(list.iter().map(|item| (item, changed))),
                    InTarget::Subquery(query) => self.subquery(scope, query, changed, true, to)?,
                    InTarget::Unnest(array) => left.push((array, changed)),
                    _ => {}
                }
            }
            other => left.extend(operands(other).into_iter().map(|operand| (operand, changed))),
        }
        Ok(())
    }

    fn subquery(
        &mut self,
        scope: &Scope<'_>,
        query: &Query,
        way: Way,
        is_value: bool,
        to: &mut Inputs,
    ) -> Result<(), SqlError> {
        let relation = self.query(query, Some(scope))?;
        for column in relation.columns.iter().filter(|_| is_value) {
            self.use_of(&column.inputs, way, to)?;
        }
        self.use_of(&relation.rows, way, to)
    }

    fn function<'e>(
        &mut self,
        scope: &Scope<'_>,
        function: &'e Function,
        way: Way,
        to: &mut Inputs,
        left: &mut Vec<(&'e Expr, Way)>,
    ) -> Result<(), SqlError> {
        let name = parts(&function.name).and_then(|mut parts| parts.pop()).map(|name| fold(&name));
        let name = name.unwrap_or_default();
        let own = match AGGREGATES.contains(&name.as_str()) {
            true => Way::Aggregation,
            false => Way::Transformation,
        };
        let value = own.then(way);
        let indirect = |inner: Way| if way.is_direct() { inner } else { way };
        let takes_part = ["date", "time", "day", "trunc", "extract"].iter().any(|word| name.contains(word));
        for arguments in [&function.parameters, &function.args] {
            match arguments {
                FunctionArguments::None => {}
                FunctionArguments::Subquery(query) => self.subquery(scope, query, value, true, to)?,
                FunctionArguments::List(list) => {
                    for (at, argument) in list.args.iter().enumerate() {
                        let (FunctionArg::Named { arg: argument, .. }
                        | FunctionArg::ExprNamed { arg: argument, .. }
                        | FunctionArg::Unnamed(argument)) = argument;
                        let FunctionArgExpr::Expr(argument) = argument else { continue };
                        let is_condition = at == 0 && matches!(name.as_str(), "if" | "iff");
                        match argument {
                            Expr::Identifier(word)
                                if takes_part
                                    && word.quote_style.is_none()
                                    && DATE_PARTS.contains(&fold(&word.value).as_str()) => {}
                            argument if is_condition => left.push((argument, indirect(Way::Conditional))),
                            argument => left.push((argument, value)),
                        }
                    }
                    for clause in &list.clauses {
                        match clause {
                            FunctionArgumentClause::OrderBy(list) => {
                                left.extend(list.iter().map(|item| (&item.expr, indirect(Way::Sort))));
                            }
                            FunctionArgumentClause::Where(filter) => {
                                left.push((filter, indirect(Way::Filter)))
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
        // Ordered-set aggregates take their value from what they sort.
        left.extend(function.within_group.iter().map(|item| (&item.expr, value)));
        left.extend(function.filter.iter().map(|filter| (filter.as_ref(), indirect(Way::Filter))));
        if let Some(WindowType::WindowSpec(window)) = &function.over {
            let by = window.partition_by.iter().chain(window.order_by.iter().map(|item| &item.expr));
            left.extend(by.map(|expression| (expression, indirect(Way::Window))));
        }
        Ok(())
    }
}

/// The operands of what only makes one value of others; none of what isn't known.
fn operands(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::IsFalse(a)
        | Expr::IsNotFalse(a)
        | Expr::IsTrue(a)
        | Expr::IsNotTrue(a)
        | Expr::IsNull(a)
        | Expr::IsNotNull(a)
        | Expr::IsUnknown(a)
        | Expr::IsNotUnknown(a)
        | Expr::JsonAccess { value: a, .. }
        | Expr::IsJson { expr: a, .. }
        | Expr::IsNormalized { expr: a, .. }
        | Expr::UnaryOp { expr: a, .. }
        | Expr::Convert { expr: a, .. }
        | Expr::Cast { expr: a, .. }
        | Expr::Extract { expr: a, .. }
        | Expr::Ceil { expr: a, .. }
        | Expr::Floor { expr: a, .. }
        | Expr::Collate { expr: a, .. }
        | Expr::Prefixed { value: a, .. } => vec![a],
        Expr::IsDistinctFrom(a, b)
        | Expr::IsNotDistinctFrom(a, b)
        | Expr::BinaryOp { left: a, right: b, .. }
        | Expr::Like { expr: a, pattern: b, .. }
        | Expr::ILike { expr: a, pattern: b, .. }
        | Expr::SimilarTo { expr: a, pattern: b, .. }
        | Expr::RLike { expr: a, pattern: b, .. }
        | Expr::AnyOp { left: a, right: b, .. }
        | Expr::AllOp { left: a, right: b, .. }
        | Expr::AtTimeZone { timestamp: a, time_zone: b }
        | Expr::Position { expr: a, r#in: b } => vec![a, b],
        Expr::Between { expr, low, high, .. } => vec![expr, low, high],
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            let more = substring_from.iter().chain(substring_for).map(AsRef::as_ref);
            std::iter::once(expr.as_ref()).chain(more).collect()
        }
        Expr::Trim { expr, trim_what, .. } => {
            std::iter::once(expr.as_ref()).chain(trim_what.iter().map(AsRef::as_ref)).collect()
        }
        Expr::Overlay { expr, overlay_what, overlay_from, .. } => vec![expr, overlay_what, overlay_from],
        Expr::Tuple(list) | Expr::Struct { values: list, .. } => list.iter().collect(),
        Expr::Array(array) => array.elem.iter().collect(),
        Expr::Interval(interval) => vec![&interval.value],
        Expr::GroupingSets(lists) | Expr::Cube(lists) | Expr::Rollup(lists) => {
            lists.iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}

/// What a column is called that nothing else names.
pub(super) fn name(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Identifier(name) => Some(name.value.clone()),
        Expr::CompoundIdentifier(names) => names.last().map(|name| name.value.clone()),
        _ => None,
    }
}

/// What is changed of the columns that `*` stands for.
pub(super) struct Changes<'a>(&'a WildcardAdditionalOptions);

impl<'a> Changes<'a> {
    pub(super) fn of(options: &'a WildcardAdditionalOptions) -> Self {
        Self(options)
    }

    /// Whether a pattern chooses them.
    pub(super) fn are_unknown(&self) -> bool {
        self.0.opt_ilike.is_some()
    }

    /// Whether some are called or made otherwise, so that others' names are not to be trusted.
    pub(super) fn make_names(&self) -> bool {
        self.0.opt_rename.is_some() || self.0.opt_replace.is_some()
    }

    pub(super) fn is_dropped(&self, folded: &str) -> bool {
        let is = |name: &str| fold(name) == folded;
        let except = self.0.opt_except.as_ref().is_some_and(
            |ExceptSelectItem { first_element, additional_elements }| {
                std::iter::once(first_element).chain(additional_elements).any(|name| is(&name.value))
            },
        );
        let names = match &self.0.opt_exclude {
            None => &[],
            Some(ExcludeSelectItem::Single(name)) => std::slice::from_ref(name),
            Some(ExcludeSelectItem::Multiple(names)) => names.as_slice(),
        };
        except
            || names
                .iter()
                .any(|name| parts(name).is_some_and(|parts| parts.last().is_some_and(|name| is(name))))
    }

    pub(super) fn replaced(&self, folded: &str) -> Option<&'a Expr> {
        let replace = self.0.opt_replace.as_ref()?;
        let item = replace.items.iter().find(|item| fold(&item.column_name.value) == folded)?;
        Some(&item.expr)
    }

    pub(super) fn renamed(&self, folded: &str) -> Option<String> {
        let items = match self.0.opt_rename.as_ref()? {
            RenameSelectItem::Single(item) => std::slice::from_ref(item),
            RenameSelectItem::Multiple(items) => items.as_slice(),
        };
        let item = items.iter().find(|item| fold(&item.ident.value) == folded)?;
        Some(item.alias.value.clone())
    }
}
