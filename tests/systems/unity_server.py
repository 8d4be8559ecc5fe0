"""Starts minilake, which serves Databricks' Unity Catalog, on a free loopback port with a small catalog that the real
databricks-sdk makes; for as long as standard input stays open. What minilake lacks, tags and lineage, is answered in
front of it: tags as the SDK assigned them, lineage as it is documented.

usage: unity_server.py FOLDER

The address is printed as the first line. The line `change` gives a table another comment and adds
another table.
"""

import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
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
        name=name, catalog_name="lake", schema_name="shop", table_type=uc.TableType.MANAGED,
        data_source_format=uc.DataSourceFormat.DELTA, storage_location=f"s3://bucket/{name}", columns=columns,
    )
    if comment:
        client.api_client.do("PATCH", f"/api/2.1/unity-catalog/tables/lake.shop.{name}", body={"comment": comment})


TAGS = "/api/2.1/unity-catalog/entity-tag-assignments"
LINEAGE = "/api/2.0/lineage-tracking/"


def front(lake):
    """A server that answers for tags and lineage, and passes everything else on to minilake."""
    assigned = []

    class Front(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.split("?")[0]
            if path == TAGS and self.command == "POST":
                assigned.append(json.loads(body))
                return 200, assigned[-1]
            if path.startswith(TAGS + "/"):
                kind, name = path[len(TAGS) + 1 :].removesuffix("/tags").split("/")
                mine = [tag for tag in assigned if (tag["entity_type"], tag["entity_name"]) == (kind, name)]
                return 200, {"tag_assignments": mine} if mine else {}
            if path.startswith(LINEAGE):
                asked = json.loads(body)
                if asked["table_name"] != "lake.shop.orders":
                    return 200, {}
                of = {"catalog_name": "lake", "schema_name": "shop", "table_type": "TABLE"}
                if path.endswith("table-lineage"):
                    return 200, {"upstreams": [{"tableInfo": {"name": "part_00", **of}}]}
                if asked["column_name"] == "order_id":
                    return 200, {"upstream_cols": [{"name": "id", "table_name": "part_00", **of}]}
                return 200, {}
            headers = {key: self.headers[key] for key in ("Authorization", "Content-Type") if key in self.headers}
            request = urllib.request.Request(lake + self.path, body or None, headers, method=self.command)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, json.loads(answer.read() or b"{}")
            except urllib.error.HTTPError as refusal:
                return refusal.code, json.loads(refusal.read() or b"{}")

        def do_GET(self):
            status, answer = self.answer()
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PATCH = do_DELETE = do_PUT = do_GET

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def assign(client, kind, name, key, value):
    assignment = uc.EntityTagAssignment(entity_type=kind, entity_name=name, tag_key=key, tag_value=value)
    client.entity_tag_assignments.create(assignment)
    listed = list(client.entity_tag_assignments.list(kind, name))
    assert [tag.tag_value for tag in listed if tag.tag_key == key] == [value], listed


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
    assign(client, "tables", "lake.shop.orders", "tier", "gold")
    assign(client, "columns", "lake.shop.orders.email", "pii", "email")
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
        address = front(url)
        client = WorkspaceClient(host=address, token="dapi-canary-41c7")
        fill(client)
        print(address, flush=True)
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
