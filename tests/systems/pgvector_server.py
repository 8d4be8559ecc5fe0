"""Starts PostgreSQL with pgvector, as the package pgserver brings them, the way `postgres_server.py` does.

usage: pgvector_server.py ANYTHING
"""

import pathlib
import shutil
import tempfile

import pgserver
import postgres_server

TABLES = """
CREATE EXTENSION vector;
CREATE TABLE public.passages (id text PRIMARY KEY, text text, source text, page integer, embedding vector(3));
INSERT INTO public.passages SELECT 'p' || n, 'text ' || n, '/data/opening.md', n, ARRAY[n, 1, 2]::vector
    FROM generate_series(1, 450) n;
CREATE INDEX ON public.passages USING hnsw (embedding vector_cosine_ops);
CREATE TABLE public.unnamed (body text, embedding vector(2));
GRANT SELECT ON public.passages, public.unnamed TO reader;
ANALYZE public.passages;
"""


def main():
    # The `postgres` user may not look into our own folders.
    with tempfile.TemporaryDirectory(prefix="catena-pgvector-") as folder:
        package = pathlib.Path(pgserver.__file__).parent
        for part in ["pgserver/pginstall", "pgserver.libs"]:
            if (package.parent / part).is_dir():
                shutil.copytree(package.parent / part, pathlib.Path(folder) / part)
        pathlib.Path(folder).chmod(0o755)
        postgres_server.PROGRAMS = pathlib.Path(folder) / "pgserver/pginstall/bin"
        # Theirs is built without it.
        postgres_server.TLS = "off"
        postgres_server.SCHEMA += TABLES
        postgres_server.main()


if __name__ == "__main__":
    main()
