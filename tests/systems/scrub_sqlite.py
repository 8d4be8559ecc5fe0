"""Scrubs the text of every table of an SQLite file, and packs the file."""

import sqlite3


def scrub_database(path, scrub):
    """Rewrites each text value that `scrub` would change; ends with a file of the smallest size and no journal."""
    connection = sqlite3.connect(path)
    connection.execute("pragma foreign_keys = off")
    tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")]
    for table in tables:
        for _, column, kind, *_ in connection.execute(f'pragma table_info("{table}")').fetchall():
            if not any(word in kind.upper() for word in ("CHAR", "TEXT", "JSON")):
                continue
            rows = connection.execute(f'select distinct "{column}" from "{table}" where "{column}" is not null').fetchall()
            for (value,) in rows:
                if isinstance(value, str) and (clean := scrub.text(value)) != value:
                    connection.execute(f'update "{table}" set "{column}" = ? where "{column}" = ?', (clean, value))
    connection.commit()
    connection.execute("pragma journal_mode = delete")
    connection.execute("vacuum")
    connection.close()
