select
    items.order_id,
    items.book_id,
    items.quantity,
    items.quantity * books.price as amount
from {{ ref('raw_order_items') }} as items
join {{ ref('stg_books') }} as books on books.book_id = items.book_id
