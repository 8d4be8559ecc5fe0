with orders as (
    select
        customer_id,
        count(*) as orders,
        sum(amount) as spent,
        max(ordered_on) as last_ordered_on
    from {{ ref('fct_orders') }}
    where status <> 'returned'
    group by customer_id
)

select
    customers.customer_id,
    customers.full_name,
    customers.country,
    coalesce(orders.orders, 0) as orders,
    coalesce(orders.spent, 0) as spent,
    orders.last_ordered_on,
    case when orders.spent >= 50 then 'gold' when orders.spent > 0 then 'silver' else 'new' end as tier
from {{ ref('dim_customers') }} as customers
left join orders on orders.customer_id = customers.customer_id
