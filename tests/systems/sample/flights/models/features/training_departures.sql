select *
from {{ ref('departure_features') }}
where flight_date < date '2013-11-01' and arrival_delay is not null
