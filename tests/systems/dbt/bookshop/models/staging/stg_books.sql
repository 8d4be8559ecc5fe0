select
    id as book_id,
    title,
    author,
    genre,
    {{ cents_to_euros('price_cents') }} as price
from {{ ref('raw_books') }}
