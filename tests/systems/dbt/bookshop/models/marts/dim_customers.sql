select
    customers.customer_id,
    customers.full_name,
    customers.country,
    customers.signed_up_on,
    min(visits.visited_at) as first_visited_at,
    count(visits.visit_id) as visits
from {{ ref('stg_customers') }} as customers
left join {{ ref('stg_web_visits') }} as visits on visits.customer_id = customers.customer_id
group by 1, 2, 3, 4
