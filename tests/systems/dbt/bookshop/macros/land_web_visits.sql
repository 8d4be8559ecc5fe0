{# Stands for the loader that fills the landing schema: the table is a source, not a model. #}
{% macro land_web_visits() %}
  create schema if not exists landing;
  create or replace table landing.web_visits as
  select * from (values
    (1, 1, timestamp '2026-01-03 09:12:00', '/books/3', 'search'),
    (2, 1, timestamp '2026-01-03 09:15:00', '/checkout', 'search'),
    (3, 2, timestamp '2026-01-04 18:40:00', '/books/1', 'newsletter'),
    (4, 3, timestamp '2026-01-05 07:02:00', '/books/2', 'direct'),
    (5, null, timestamp '2026-01-05 07:30:00', '/', 'direct'),
    (6, 4, timestamp '2026-01-06 21:11:00', '/books/4', 'newsletter')
  ) as visits (visit_id, customer_id, visited_at, page, channel);
{% endmacro %}
