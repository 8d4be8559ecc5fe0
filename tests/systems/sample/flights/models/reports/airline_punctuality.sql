select
    airlines.airline,
    flights.origin,
    extract('month' from flights.flight_date) as month,
    count(*) as flights,
    avg(case when flights.arrival_delay <= 15 then 1.0 else 0.0 end) as on_time_share,
    avg(case when flights.cancelled then 1.0 else 0.0 end) as cancelled_share,
    median(flights.arrival_delay) as median_delay
from {{ ref('stg_flights') }} as flights
join {{ ref('stg_airlines') }} as airlines on airlines.carrier = flights.carrier
group by 1, 2, 3
