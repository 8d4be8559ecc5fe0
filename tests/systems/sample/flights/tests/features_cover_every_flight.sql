-- Joining the features must neither lose nor double a flight.
select flights.flight_id
from {{ ref('stg_flights') }} as flights
left join {{ ref('departure_features') }} as features on features.flight_id = flights.flight_id
where not flights.cancelled
group by 1
having count(features.flight_id) <> 1
