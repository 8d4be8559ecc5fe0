select
    flights.flight_id,
    flights.flight_date,
    flights.carrier,
    flights.origin,
    flights.dest,
    cast(extract('month' from flights.flight_date) as integer) as month,
    cast(extract('isodow' from flights.flight_date) as integer) as weekday,
    flights.departure_hour,
    flights.distance,
    2013 - planes.built_in as plane_age,
    planes.seats,
    weather.temperature_c,
    weather.wind_kmh,
    weather.rain_mm,
    weather.visibility_km,
    airports.latitude as dest_latitude,
    airports.longitude as dest_longitude,
    flights.arrival_delay
from {{ ref('stg_flights') }} as flights
left join {{ ref('stg_planes') }} as planes on planes.tailnum = flights.tailnum
left join {{ ref('stg_weather') }} as weather
    on weather.origin = flights.origin and weather.weather_hour = flights.weather_hour
left join {{ ref('stg_airports') }} as airports on airports.airport = flights.dest
where not flights.cancelled
