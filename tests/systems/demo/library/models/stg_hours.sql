select weekday, opens, closes
from read_csv('{{ env_var("LIBRARY_RAW") }}/hours.csv')
