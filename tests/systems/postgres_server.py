"""Starts a real PostgreSQL of its own on a free loopback port, for as long as standard input stays open.

usage: postgres_server.py

Prints the address of its database `shop` as the first line; the user `reader` has the password `hunter2-reader`. It
speaks TLS with a certificate that nobody trusts. Each line of input is SQL that is run in `shop`, and answered with
`done`.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
TLS = "on"

SCHEMA = """
CREATE ROLE reader LOGIN PASSWORD 'hunter2-reader';
CREATE SCHEMA sales;
CREATE TABLE sales.customers (id integer PRIMARY KEY, mail text UNIQUE NOT NULL);
COMMENT ON TABLE sales.customers IS 'Who buys from us.';
COMMENT ON COLUMN sales.customers.mail IS 'Where we write to.';
CREATE TABLE sales.orders (
    no bigint, line smallint, customer integer NOT NULL REFERENCES sales.customers (id),
    total numeric(10,2) DEFAULT 0, placed timestamptz, PRIMARY KEY (no, line)
);
CREATE TABLE public.events (at timestamptz NOT NULL, body jsonb) PARTITION BY RANGE (at);
CREATE TABLE public.events_2026 PARTITION OF public.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW sales.big_orders AS
    SELECT o.no, c.mail FROM sales.orders o JOIN sales.customers c ON c.id = o.customer WHERE o.total > 100;
CREATE MATERIALIZED VIEW sales.totals AS SELECT customer, sum(total) AS total FROM sales.orders GROUP BY customer;
CREATE TABLE public."strange ""name"".here" ("a b" text[]);
"""


def as_postgres(command):
    """PostgreSQL refuses to run as root."""
    command = [str(word) for word in command]
    if os.getuid() == 0:
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
    return command


def main():
    # Sockets have short paths only, and the `postgres` user may not look into our own folders.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="catena-pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(command, **more):
        subprocess.run(as_postgres(command), check=True, cwd=folder, stdout=subprocess.DEVNULL, **more)

    def sql(text, database):
        psql = [PROGRAMS / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
        run([*psql, f"--host={folder}", f"--port={port}", f"--dbname={database}", "--file=-"], input=text.encode())

    try:
        run([PROGRAMS / "initdb", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "--pgdata", data])
        run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
            + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", data / "server.key", "-out", data / "server.crt"],
            stderr=subprocess.DEVNULL,
        )
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off -c ssl={TLS}"
        run([PROGRAMS / "pg_ctl", "--wait", "--silent", "start", "--log", folder / "log", "--options", options, "--pgdata", data])
        sql("CREATE DATABASE shop", "postgres")
        sql(SCHEMA, "shop")
        print(f"postgres://127.0.0.1:{port}/shop", flush=True)
        for line in sys.stdin:
            sql(line, "shop")
            print("done", flush=True)
    finally:
        subprocess.run(as_postgres([PROGRAMS / "pg_ctl", "--mode=immediate", "--silent", "stop", "--pgdata", data]), cwd="/", check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    # Ended from outside, it still has to end the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main()
