select weekday, hour, sum(visitors) as visitors
from read_csv('{{ env_var("LIBRARY_RAW") }}/visits.csv')
group by weekday, hour
