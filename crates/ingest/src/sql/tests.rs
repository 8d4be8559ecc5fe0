use std::time::{Duration, Instant};

use proptest::{collection::vec, prelude::*, sample::select};

use super::{Dialect, Input, SqlError, SqlLineage, lineage};

fn known(table: &[String]) -> Option<Vec<String>> {
    let columns: &[&str] = match table.last()?.to_lowercase().as_str() {
        "orders" => &["id", "customer_id", "amount", "placed_at", "status"],
        "customers" => &["id", "name", "country"],
        "refunds" => &["id", "amount"],
        _ => return None,
    };
    Some(columns.iter().map(|name| (*name).to_owned()).collect())
}

fn inputs(inputs: &[Input]) -> String {
    let one = |input: &Input| {
        let ways: Vec<String> = input.ways.iter().map(|way| way.subtype().to_lowercase()).collect();
        format!("{}.{} {}", input.table.join("."), input.column, ways.join("+"))
    };
    let mut all: Vec<String> = inputs.iter().map(one).collect();
    all.sort();
    all.join(", ")
}

/// `column: inputs` for each column, and at last those of the rows.
fn lines(told: &SqlLineage) -> Vec<String> {
    let mut lines: Vec<String> =
        told.columns.iter().map(|output| format!("{}: {}", output.name, inputs(&output.inputs))).collect();
    if !told.rows.is_empty() {
        lines.push(format!("* {}", inputs(&told.rows)));
    }
    lines
}

fn check_as(system: &str, sql: &str, expected: &[&str]) {
    let told = lineage(sql, Dialect::of(system), &known).unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_eq!(lines(&told), expected, "{sql}");
}

fn check(sql: &str, expected: &[&str]) {
    check_as("duckdb", sql, expected);
}

#[test]
fn columns_are_followed_to_the_tables() {
    check("select id, amount as a from orders", &["id: orders.id identity", "a: orders.amount identity"]);
    check("select o.id from shop.orders o", &["id: shop.orders.id identity"]);
    check("select shop.orders.id from shop.orders", &["id: shop.orders.id identity"]);
    check("select ID from Orders", &["ID: Orders.id identity"]);
    check(
        "select amount * 2 + id as x from orders",
        &["x: orders.amount transformation, orders.id transformation"],
    );
    check(
        "select cast(amount as int) as x, amount::text as y from orders",
        &["x: orders.amount transformation", "y: orders.amount transformation"],
    );
    check("select (amount) as x, 1 as one from orders", &["x: orders.amount identity", "one: "]);
    check("select upper(trim(name)) as n from customers", &["n: customers.name transformation"]);
}

#[test]
fn stars_are_expanded_where_the_columns_are_known() {
    check("select * from refunds", &["id: refunds.id identity", "amount: refunds.amount identity"]);
    check(
        "select r.*, c.name from refunds r, customers c",
        &["id: refunds.id identity", "amount: refunds.amount identity", "name: customers.name identity"],
    );
    check("select * exclude (id) from refunds", &["amount: refunds.amount identity"]);
    check(
        "select * replace (amount / 100 as amount) from refunds",
        &["id: refunds.id identity", "amount: refunds.amount transformation"],
    );
    check_as(
        "bigquery",
        "select * except (id) from `shop`.`refunds`",
        &["amount: shop.refunds.amount identity"],
    );
    check_as(
        "snowflake",
        "select * rename amount as a from refunds",
        &["id: refunds.id identity", "a: refunds.amount identity"],
    );
    check("select * from nobody", &[]);
    // What passes through a star of one table can only be that table's.
    check(
        "with s as (select * from nobody) select id, x + 1 as y from s",
        &["id: nobody.id identity", "y: nobody.x transformation"],
    );
    check(
        "select * from refunds join customers using (id)",
        &[
            "id: refunds.id identity",
            "amount: refunds.amount identity",
            "name: customers.name identity",
            "country: customers.country identity",
            "* customers.id join, refunds.id join",
        ],
    );
}

#[test]
fn what_could_be_another_column_is_left_out() {
    check("select x from nobody, nothing", &["x: "]);
    check("select id from orders, customers", &["id: "]);
    check(
        "select x, name from nobody, customers",
        &["x: nobody.x identity", "name: customers.name identity"],
    );
    check("select wrong from orders", &["wrong: "]);
    check("select o.wrong, q.id from orders o", &["wrong: ", "id: "]);
    check("select nobody, sysdate, a from nobody", &["nobody: ", "sysdate: ", "a: nobody.a identity"]);
    check("select x.a from generate_series(1, 2) as x", &["a: "]);
    check_as("snowflake", "select date_trunc(month, t) as m from nobody", &["m: nobody.t transformation"]);
    check_as("snowflake", "select * rename (a as b) from nobody", &[]);
    check_as("snowflake", "with s as (select * rename (a as b) from nobody) select b from s", &["b: "]);
}

#[test]
fn subqueries_and_common_table_expressions_are_looked_through() {
    check(
        "with a as (select id, amount x from orders), b as (select x + 1 y, id from a) select y, id i from b",
        &["y: orders.amount transformation", "i: orders.id identity"],
    );
    check(
        "with a(one, two) as (select id, amount from orders) select two from a",
        &["two: orders.amount identity"],
    );
    check(
        "select s.x from (select sum(amount) as x from orders where status = 'paid') as s",
        &["x: orders.amount aggregation", "* orders.status filter"],
    );
    // A name of the inside hides a table.
    check("with orders as (select id from refunds) select id from orders", &["id: refunds.id identity"]);
    check(
        "select (select max(amount) from refunds r where r.id = o.id) as m from orders o",
        &["m: orders.id filter, refunds.amount aggregation, refunds.id filter"],
    );
    check(
        "select id from orders where customer_id in (select id from customers)",
        &["id: orders.id identity", "* customers.id filter, orders.customer_id filter"],
    );
    check(
        "select id from orders o where exists (select 1 from refunds r where r.id = o.id)",
        &["id: orders.id identity", "* orders.id filter, refunds.id filter"],
    );
    check(
        "with recursive r as (select id, amount from refunds union all select r.id, r.amount + 1 from r) select * from r",
        &["id: refunds.id identity", "amount: refunds.amount identity+transformation"],
    );
    check(
        "select b, b + 1 as c from (select a as b from nobody)",
        &["b: nobody.a identity", "c: nobody.a transformation"],
    );
    check("select v.b from (values (1, 2)) as v(a, b)", &["b: "]);
}

#[test]
fn joins_filters_groups_and_sorts_are_indirect() {
    check(
        "select c.name, sum(o.amount) total from orders o left join customers c on c.id = o.customer_id \
         where o.status <> 'x' group by 1 having count(*) > 1 order by o.placed_at, total",
        &[
            "name: customers.name identity",
            "total: orders.amount aggregation",
            "* customers.id join, customers.name group_by, orders.amount sort, orders.customer_id join, \
             orders.placed_at sort, orders.status filter",
        ],
    );
    check(
        "select country c, count(id) n from customers group by c",
        &["c: customers.country identity", "n: customers.id aggregation", "* customers.country group_by"],
    );
    check(
        "select country, count(*) as n from customers group by all",
        &["country: customers.country identity", "n: ", "* customers.country group_by"],
    );
    check(
        "select case when status = 'paid' then amount else 0 end as paid from orders",
        &["paid: orders.amount transformation, orders.status conditional"],
    );
    check(
        "select row_number() over (partition by customer_id order by placed_at) as n from orders",
        &["n: orders.customer_id window, orders.placed_at window"],
    );
    check(
        "select sum(amount) filter (where status = 'paid') as s from orders",
        &["s: orders.amount aggregation, orders.status filter"],
    );
    check(
        "select id from orders qualify lag(amount) over (order by placed_at) > 1",
        &["id: orders.id identity", "* orders.amount filter, orders.placed_at filter"],
    );
}

#[test]
fn set_operations_go_by_place() {
    check(
        "select id, amount from orders union all select amount, id from refunds order by amount",
        &[
            "id: orders.id identity, refunds.amount identity",
            "amount: orders.amount identity, refunds.id identity",
            "* orders.amount sort, refunds.id sort",
        ],
    );
    check(
        "select id from orders except select id from refunds",
        &["id: orders.id identity", "* refunds.id filter"],
    );
    check(
        "select id, amount from refunds union all by name select amount, id from orders",
        &[
            "id: orders.id identity, refunds.id identity",
            "amount: orders.amount identity, refunds.amount identity",
        ],
    );
    check("select id from orders union select id, amount from refunds", &[]);
}

#[test]
fn what_fills_a_table_names_its_columns() {
    let told = |sql: &str| lineage(sql, Dialect::of("postgres"), &known).unwrap();
    let insert = told("insert into shop.refunds select id, amount from orders");
    assert_eq!(insert.target, Some(vec!["shop".to_owned(), "refunds".to_owned()]));
    assert_eq!(insert.tables, [["orders"]]);
    assert_eq!(lines(&insert), ["id: orders.id identity", "amount: orders.amount identity"]);
    let named = told("insert into nobody (b, a) select id, amount from orders");
    assert_eq!(lines(&named), ["b: orders.id identity", "a: orders.amount identity"]);
    assert_eq!(lines(&told("insert into nobody select id from orders")), [""; 0]);
    let table = told("create table t as select id as x from orders");
    assert_eq!(table.target, Some(vec!["t".to_owned()]));
    assert_eq!(lines(&table), ["x: orders.id identity"]);
    assert_eq!(
        lines(&told("create or replace view v (k) as select id from orders")),
        ["k: orders.id identity"]
    );
}

#[test]
fn dialects_are_read() {
    check_as(
        "bigquery",
        "select tag from nobody cross join unnest(nobody.tags) as tag",
        &["tag: nobody.tags transformation"],
    );
    check_as("sqlserver", "select top 5 [id] from [dbo].[orders]", &["id: dbo.orders.id identity"]);
    check_as(
        "snowflake",
        "select payload:user.id::int as u from nobody",
        &["u: nobody.payload transformation"],
    );
    check_as(
        "postgres",
        "select distinct on (id) id, amount from orders order by id",
        &["id: orders.id identity", "amount: orders.amount identity", "* orders.id sort"],
    );
    check_as(
        "mysql",
        "select `id` from `orders` where `status` = \"paid\"",
        &["id: orders.id identity", "* orders.status filter"],
    );
}

fn timed(sql: &str, system: &str) -> Result<SqlLineage, SqlError> {
    let start = Instant::now();
    let told = lineage(sql, Dialect::of(system), &known);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?} in {system}: {} bytes {sql:.80}", sql.len());
    told
}

#[test]
fn what_is_no_query_says_so() {
    assert_eq!(timed("drop table orders", "duckdb"), Err(SqlError::NotOne(0)));
    assert_eq!(timed("select 1; select 2", "duckdb"), Err(SqlError::NotOne(2)));
    assert!(matches!(timed("select from where", "duckdb"), Err(SqlError::Syntax(_))));
    assert!(matches!(timed("select 'open", "duckdb"), Err(SqlError::Syntax(_))));
}

#[test]
fn no_text_is_too_hard_to_refuse() {
    assert_eq!(timed(&" ".repeat(1024 * 1024 + 1), "duckdb"), Err(SqlError::TooLong));
    for system in ["generic", "postgres", "snowflake", "mssql"] {
        for (open, more, close) in [
            ("select ", "(", ""),
            ("select ", "a+", "a"),
            ("select ", "-", "1"),
            ("select a", "::int", ""),
            ("select ", "not ", "a"),
            ("select a", " is null", ""),
            ("select ", "case when ", ""),
            ("select ", "f(", ""),
            ("select ", "case(", ""),
            ("select ", "cast(case(", ""),
            ("select ", "interval ", ""),
            ("select ", "a.", "b"),
            ("select ", "[", ""),
            ("select * from ", "(", ""),
            ("select * from ", "(select * from ", "t"),
            ("select 1", " union select 1", ""),
            ("select * from t", " join t on a", ""),
            ("", "with a as (", ""),
            ("select ", "position(", ""),
            ("select ", "struct<", ""),
            ("select 1", ",1", ""),
            ("", ";", ""),
            ("", "/*", ""),
        ] {
            for count in [10, 30, 39, 400, 900, 100_000 / more.len()] {
                let _ = timed(&format!("{open}{}{close}", more.repeat(count)), system);
            }
        }
    }
    for depth in [10, 20, 30, 38] {
        for (open, inner, close) in
            [("f(", "1", ")"), ("(", "1", ")"), ("(select ", "1", ")"), ("case(", "1", ")")]
        {
            let _ = timed(&format!("select {}{inner}{}", open.repeat(depth), close.repeat(depth)), "generic");
        }
        let _ = timed(
            &format!("select * from {}t{}", "(select * from ".repeat(depth), ")".repeat(depth)),
            "generic",
        );
    }
    assert!(timed(&format!("select {}1", "a + ".repeat(800)), "generic").is_ok());
}

#[test]
fn columns_that_double_come_to_an_end() {
    let mut sql = "with t0 as (select * from orders)".to_owned();
    for at in 1..40 {
        sql.push_str(&format!(", t{at} as (select *, * from t{})", at - 1));
    }
    assert_eq!(timed(&format!("{sql} select * from t39"), "duckdb"), Err(SqlError::TooMuch));
}

const WORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "join",
    "left",
    "on",
    "using",
    "group by",
    "order by",
    "union all",
    "with",
    "as",
    "recursive",
    "case",
    "when",
    "then",
    "else",
    "end",
    "over",
    "partition by",
    "insert into",
    "create table",
    "create view",
    "values",
    "in",
    "exists",
    "not",
    "between",
    "and",
    "or",
    "is null",
    "cast",
    "interval",
    "lateral",
    "unnest",
    "pivot",
    "(",
    ")",
    "(",
    ")",
    ",",
    ",",
    ".",
    "*",
    "+",
    "=",
    "::",
    "'a'",
    "1",
    "\"q\"",
    "a",
    "b",
    "orders",
    "customers",
    "id",
    "t",
    ";",
    "[",
    "]",
    "->",
    ":",
    "{",
    "}",
    "$1",
    "--\n",
    "/*",
    "*/",
    "`",
    "\u{0}",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read_or_refused_in_time(text in ".{0,300}", system in select(&["duckdb", "postgres", "bigquery"][..])) {
        let _ = timed(&text, system);
    }

    #[test]
    fn any_words_are_read_or_refused_in_time(
        words in vec(select(WORDS), 0..80),
        system in select(&["duckdb", "postgres", "snowflake", "bigquery", "mysql", "sqlserver", "spark"][..]),
    ) {
        let _ = timed(&format!("select {}", words.join(" ")), system);
        let _ = timed(&words.join(" "), system);
    }
}
