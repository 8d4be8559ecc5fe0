{{ config(materialized='incremental', unique_key='order_id', on_schema_change='append_new_columns') }}

select
    orders.order_id,
    orders.customer_id,
    orders.ordered_on,
    orders.status,
    count(items.book_id) as lines,
    sum(items.amount) as amount
from {{ ref('stg_orders') }} as orders
join {{ ref('stg_order_items') }} as items on items.order_id = orders.order_id
group by 1, 2, 3, 4
