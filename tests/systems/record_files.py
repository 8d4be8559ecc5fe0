"""Writes small files of a bakery with the real libraries that write such files.

usage: record_files.py FIXTURES
"""

import datetime
import json
import pathlib
import shutil
import sys

import fastavro
import gguf
import mlcroissant as mlc
import numpy
import onnx
import pandas
import pyarrow
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet
from c2pa import Builder, C2paSignerInfo, C2paSigningAlg, Signer
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from deltalake import write_deltalake
from onnx import TensorProto, helper
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.types import DoubleType, LongType
from safetensors.numpy import save_file

ORDERS = {
    "order_id": [1, 2, 3, 4],
    "customer_email": ["ann@example.org", "bo@example.org", None, "cy@example.org"],
    "loaf": ["rye", "rye", "spelt", "wheat"],
    "price": [4.5, 4.5, 5.25, 3.0],
    "baked": [datetime.date(2026, 11, day) for day in (1, 1, 2, 3)],
}


def tables(out: pathlib.Path) -> None:
    frame = pandas.DataFrame(ORDERS)
    frame.to_csv(out / "orders.csv", index=False)
    frame.to_csv(out / "orders.tsv", index=False, sep="\t")
    frame.to_json(out / "orders.json", orient="records", date_format="iso")
    frame.to_parquet(out / "orders.parquet")
    table = pyarrow.Table.from_pandas(frame)
    nested = pyarrow.table({
        "id": pyarrow.array([1, 2], pyarrow.int32()),
        "lines": [[{"loaf": "rye", "count": 2}], []],
        "at": pyarrow.array([0, 1], pyarrow.timestamp("us", "UTC")),
        "total": pyarrow.array([1, 2], pyarrow.decimal128(10, 2)),
        "kind": pyarrow.array(["a", "b"]).dictionary_encode(),
    })
    pyarrow.parquet.write_table(nested, out / "nested.parquet")
    with pyarrow.ipc.new_file(out / "nested.arrow", nested.schema) as writer:
        writer.write_table(nested)
    with pyarrow.ipc.new_stream(out / "nested.arrows", nested.schema) as writer:
        writer.write_table(nested)
    pyarrow.feather.write_feather(table, out / "orders.feather")
    schema = {
        "type": "record", "name": "Order", "doc": "One order.",
        "fields": [
            {"name": "order_id", "type": "long", "doc": "Its number."},
            {"name": "note", "type": ["null", "string"]},
            {"name": "baked", "type": {"type": "int", "logicalType": "date"}},
            {"name": "oven", "type": {"type": "record", "name": "Oven", "fields": [{"name": "celsius", "type": "float"}]}},
        ],
    }
    rows = [{"order_id": 1, "note": None, "baked": datetime.date(2026, 11, 1), "oven": {"celsius": 230.0}}]
    with open(out / "orders.avro", "wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), rows, sync_marker=b"0" * 16)
    # A stream whose schema evolves: a number widens, a column comes later, one is nested.
    events = [{"id": 1, "ms": 5}, {"id": 2, "ms": 5.5}, {"id": 3, "ms": 7, "oven": {"name": "a", "celsius": 230}}]
    (out / "events.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))


def lake(out: pathlib.Path) -> None:
    for name in ("delta", "iceberg"):
        shutil.rmtree(out / name, ignore_errors=True)
    first = pyarrow.table({"order_id": pyarrow.array([1, 2], pyarrow.int32()), "loaf": ["rye", "spelt"]})
    write_deltalake(out / "delta", first, name="orders", description="What was ordered.", partition_by=["loaf"])
    second = first.append_column("price", pyarrow.array([4.5, 5.25]))
    write_deltalake(out / "delta", second, mode="append", schema_mode="merge")
    work = out / "iceberg-work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    catalog = SqlCatalog("files", uri=f"sqlite:///{work}/catalog.db", warehouse=f"file://{work}")
    catalog.create_namespace("bakery")
    table = catalog.create_table("bakery.orders", schema=first.schema)
    table.append(first)
    with table.update_schema() as update:
        update.add_column("price", DoubleType(), doc="In euros.")
        update.update_column("order_id", LongType())
    latest = pathlib.Path(table.metadata_location.removeprefix("file://"))
    (out / "iceberg" / "metadata").mkdir(parents=True)
    text = latest.read_text().replace(str(work), "/data")
    (out / "iceberg" / "metadata" / (latest.name.split("-")[0] + ".metadata.json")).write_text(text)
    shutil.rmtree(work)
    # Only what Catena reads is kept.
    for data in [*out.glob("delta/**/*.parquet")]:
        data.unlink()


def models(out: pathlib.Path) -> None:
    weights = {"oven.weight": numpy.zeros((4, 8), numpy.float16), "oven.bias": numpy.zeros(4, numpy.float32)}
    save_file(weights, out / "oven.safetensors", metadata={"format": "pt", "license": "apache-2.0"})
    writer = gguf.GGUFWriter(out / "oven.gguf", "llama")
    writer.add_name("Oven 7B")
    writer.add_license("mit")
    writer.add_context_length(4096)
    writer.add_block_count(2)
    writer.add_file_type(15)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"token{number}" for number in range(20)])
    writer.add_tensor("token_embd.weight", numpy.zeros((20, 32), numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["y"])], "oven",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 4])],
        [helper.make_tensor("w", TensorProto.FLOAT, [8, 4], [0.0] * 32)],
    )
    model = helper.make_model(graph, producer_name="bakery", doc_string="Tells when the bread is done.")
    model.metadata_props.add(key="license", value="apache-2.0")
    onnx.save(model, out / "oven.onnx")
    (out / "card").mkdir(exist_ok=True)
    shutil.copy(out / "oven.safetensors", out / "card" / "model.safetensors")
    (out / "card" / "README.md").write_text(
        "---\nlicense: apache-2.0\nbase_model: bakery/oven-base\ndatasets:\n- bakery/orders\ntags: [bread]\n"
        "pipeline_tag: text-classification\nmodel-index:\n- name: oven\n  results:\n"
        "  - task: {type: text-classification}\n    dataset: {type: bakery/tastings, name: Tastings}\n"
        "    metrics:\n    - {type: accuracy, value: 0.91}\n---\n\n# Oven\n\nTells when the bread is done.\n"
    )


def standards(out: pathlib.Path) -> None:
    orders = mlc.FileObject(id="orders.csv", name="orders.csv", content_url="orders.csv", encoding_formats=["text/csv"], sha256="0" * 64)
    field = lambda name, kind: mlc.Field(  # noqa: E731
        id=f"orders/{name}", name=name, data_types=kind,
        source=mlc.Source(file_object="orders.csv", extract=mlc.Extract(column=name)),
    )
    metadata = mlc.Metadata(
        name="orders", description="What was ordered.", url="https://example.org/orders", license=["cc-by-4.0"],
        creators=[mlc.Organization(name="The bakery", url="https://example.org")], version="1.0.0",
        date_published=datetime.datetime(2026, 11, 1), distribution=[orders],
        record_sets=[mlc.RecordSet(id="orders", name="orders", fields=[field("order_id", mlc.DataType.INTEGER), field("loaf", mlc.DataType.TEXT)])],
    )
    (out / "croissant.json").write_text(json.dumps(metadata.to_json(), indent=1, default=str))
    data = Component(type=ComponentType.DATA, name="orders", bom_ref="orders", version="1")
    model = Component(
        type=ComponentType.MACHINE_LEARNING_MODEL, name="oven", bom_ref="oven", version="3",
        licenses=[DisjunctiveLicense(id="Apache-2.0")],
    )
    bom = Bom(components=[data, model])
    bom.register_dependency(model, [data])
    text = json.loads(JsonV1Dot6(bom).output_as_string())
    text["serialNumber"] = "urn:uuid:00000000-0000-4000-8000-000000000000"
    text["metadata"]["timestamp"] = "2026-11-01T00:00:00Z"
    (out / "bom.cdx.json").write_text(json.dumps(text, indent=1))


def main() -> None:
    out = pathlib.Path(sys.argv[1]) / "files"
    out.mkdir(parents=True, exist_ok=True)
    for write in (tables, lake, models, standards):
        write(out)
    credentials(out)


def credentials(out: pathlib.Path) -> None:
    """A picture with content credentials, signed by a key that is made for it and thrown away."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime(2026, 1, 1)
    later = now + datetime.timedelta(days=3650)

    def made(subject, issuer, key, signer, ca):
        name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "bakery")])  # noqa: E731
        made = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(later)
        made = made.add_extension(x509.BasicConstraints(ca, None), True)
        made = made.add_extension(x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
        if not ca:
            made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        return made.sign(signer, hashes.SHA256())

    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    chain = made("bakery", "root", leaf, root, False).public_bytes(pem) + made("root", "root", root, root, True).public_bytes(pem)
    secret = leaf.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signer = Signer.from_info(C2paSignerInfo(C2paSigningAlg.ES256, chain, secret, None))
    manifest = {
        "claim_generator_info": [{"name": "bakery-painter", "version": "1.0"}],
        "title": "loaf.png", "format": "image/png",
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [{
            "action": "c2pa.created",
            "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        }]}}],
    }
    plain = out / "plain.png"
    plain.write_bytes(picture())
    (out / "loaf.png").unlink(missing_ok=True)
    with open(plain, "rb") as source, open(out / "loaf.png", "w+b") as target:
        Builder(manifest).sign(signer, "image/png", source, target)
    plain.unlink()


def picture() -> bytes:
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + b"\xc8\x96\x64" * 8 for _ in range(8))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    main()
