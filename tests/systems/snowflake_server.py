"""Starts fakesnow, which speaks Snowflake's protocol, on a free loopback port with a small database that the real
snowflake-connector-python makes; for as long as standard input stays open.

usage: snowflake_server.py FOLDER

The address is printed as the first line. The line `change` adds a table.
"""

import pathlib
import signal
import socket
import subprocess
import sys
import time

import snowflake.connector

SCHEMA = [
    "create database if not exists shop comment='Everything that is sold'",
    "create schema if not exists shop.mart",
    "use schema shop.mart",
    "create table orders (id int not null primary key comment 'The key', amt number(10,2), email varchar(200) comment 'Mail') "
    "comment='All orders'",
    "create view big_orders as select id, amt from shop.mart.orders where amt > 100",
    "create table \"strange name\" (\"a b\" text)",
] + [f"create table part_{number:03} (id int)" for number in range(210)]


def serves(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def main(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = [sys.executable, "-m", "uvicorn", "fakesnow.server:app", "--host", "127.0.0.1", "--port", str(port)]
    with open(folder / "fakesnow.log", "w") as log:
        server = subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    try:
        deadline = time.monotonic() + 60
        while not serves(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"fakesnow did not start:\n{(folder / 'fakesnow.log').read_text()[-4000:]}")
            time.sleep(0.2)
        connection = snowflake.connector.connect(
            user="reader", password="hunter2-reader", account="acme-eu", host="127.0.0.1", port=port, protocol="http",
            session_parameters={"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False}, login_timeout=20,
        )
        for statement in SCHEMA:
            connection.cursor().execute(statement)
        print(f"http://127.0.0.1:{port}", flush=True)
        for line in sys.stdin:
            if line.strip() == "change":
                connection.cursor().execute("create table returns (id int) comment='What came back'")
                print("changed", flush=True)
    finally:
        if server.poll() is None:
            server.terminate()
            server.wait(timeout=15)


if __name__ == "__main__":
    # Ended from outside, it still has to end the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main(pathlib.Path(sys.argv[1]))
