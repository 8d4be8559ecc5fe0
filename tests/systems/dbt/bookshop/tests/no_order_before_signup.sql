{{ config(severity='warn') }}
-- A till that runs ahead of the web shop; known, so only a warning.
select orders.order_id
from {{ ref('stg_orders') }} as orders
join {{ ref('stg_customers') }} as customers on customers.customer_id = orders.customer_id
where orders.ordered_on < customers.signed_up_on + interval 60 day
