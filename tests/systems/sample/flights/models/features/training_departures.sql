select
    flight_id,
    flight_date,
    carrier,
    origin,
    dest,
    month,
    weekday,
    departure_hour,
    distance,
    plane_age,
    seats,
    temperature_c,
    wind_kmh,
    rain_mm,
    visibility_km,
    dest_latitude,
    dest_longitude,
    arrival_delay
from {{ ref('departure_features') }}
where flight_date < date '2013-11-01' and arrival_delay is not null
