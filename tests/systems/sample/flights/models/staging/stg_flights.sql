select
    row_number() over (order by time_hour, carrier, flight, origin) as flight_id,
    make_date(year, month, day) as flight_date,
    cast(sched_dep_time / 100 as integer) as departure_hour,
    cast(time_hour as timestamp) as weather_hour,
    carrier,
    flight as flight_number,
    tailnum,
    origin,
    dest,
    distance,
    dep_delay as departure_delay,
    arr_delay as arrival_delay,
    dep_time is null as cancelled
from {{ source('raw', 'flights') }}
