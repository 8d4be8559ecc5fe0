select
    origin,
    cast(time_hour as timestamp) as weather_hour,
    avg((temp - 32) / 1.8) as temperature_c,
    avg(wind_speed * 1.609344) as wind_kmh,
    avg(precip * 25.4) as rain_mm,
    avg(visib * 1.609344) as visibility_km
from {{ source('raw', 'weather') }}
group by 1, 2
