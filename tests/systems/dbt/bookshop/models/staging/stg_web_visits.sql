select
    visit_id,
    customer_id,
    visited_at,
    page,
    channel
from {{ source('web', 'web_visits') }}
where customer_id is not null
