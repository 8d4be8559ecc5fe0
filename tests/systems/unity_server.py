"""Starts minilake, which serves Databricks' Unity Catalog, on a free loopback port with a small catalog that the real
databricks-sdk makes; for as long as standard input stays open.

usage: unity_server.py FOLDER

The address is printed as the first line. The line `change` gives a table another comment and adds
another table.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from databricks.sdk import WorkspaceClient
from databricks.sdk.service import catalog as uc


def column(name, kind, text, position, nullable=True, comment=None):
    return uc.ColumnInfo(
        name=name, type_name=kind, type_text=text, type_json="{}", position=position, nullable=nullable, comment=comment
    )


def table(client, name, columns, comment=None):
    client.tables.create(
        name=name, catalog_name="lake", schema_name="shop", table_type=uc.TableType.EXTERNAL,
        data_source_format=uc.DataSourceFormat.DELTA, storage_location=f"s3://bucket/{name}", columns=columns,
    )
    if comment:
        client.api_client.do("PATCH", f"/api/2.1/unity-catalog/tables/lake.shop.{name}", body={"comment": comment})


def fill(client):
    client.catalogs.create(name="lake", comment="Everything that is sold")
    client.schemas.create(name="shop", catalog_name="lake", comment="The shop")
    columns = [
        column("order_id", uc.ColumnTypeName.INT, "int", 0, nullable=False, comment="The key"),
        column("email", uc.ColumnTypeName.STRING, "string", 1),
    ]
    table(client, "orders", columns, "All orders")
    for number in range(60):
        table(client, f"part_{number:02}", [column("id", uc.ColumnTypeName.INT, "int", 0)])
    client.volumes.create(
        catalog_name="lake", schema_name="shop", name="raw", volume_type=uc.VolumeType.MANAGED, comment="As it came"
    )


def main(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = pathlib.Path(sys.executable).parent / "minilake"
    with open(folder / "minilake.log", "w") as log:
        server = subprocess.Popen(
            [str(program), "--port", str(port)], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, env={**os.environ, "HOME": str(folder), "MINILAKE_DATA_DIR": str(folder / "lake")},
        )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{url}/api/2.1/unity-catalog/catalogs", timeout=2).read()
                break
            except urllib.error.HTTPError:
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"minilake did not start:\n{(folder / 'minilake.log').read_text()[-4000:]}")
                time.sleep(0.2)
        client = WorkspaceClient(host=url, token="dapi-canary-41c7")
        fill(client)
        print(url, flush=True)
        for line in sys.stdin:
            if line.strip() == "change":
                client.api_client.do("PATCH", "/api/2.1/unity-catalog/tables/lake.shop.orders", body={"comment": "Every order"})
                table(client, "returns", [column("id", uc.ColumnTypeName.INT, "int", 0)])
                print("changed", flush=True)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=15)


if __name__ == "__main__":
    # Ended from outside, it still has to end the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main(pathlib.Path(sys.argv[1]))
