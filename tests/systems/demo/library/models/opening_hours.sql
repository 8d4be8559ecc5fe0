select weekday, opens, closes
from {{ ref('stg_hours') }}
where opens is not null
