"""Starts moto, which serves S3, on a free loopback port with a bucket that boto3 fills; for as long as standard input
stays open.

usage: s3_server.py ANYTHING

Signatures are checked. The first line is the address, the second the access key and its secret with a space between.
The line `change` writes one more object.
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

import boto3
import pyarrow
import pyarrow.parquet

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


def wait_for(address, server):
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/moto-api/", timeout=2).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if server.poll() is not None:
                raise SystemExit("moto did not start") from None
            time.sleep(0.1)
    raise SystemExit("moto does not answer")


def fill(client):
    client.create_bucket(Bucket="lake")
    client.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    client.put_bucket_tagging(Bucket="lake", Tagging={"TagSet": [{"Key": "owner", "Value": "ann"}]})
    part = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.table({"no": [1, 2], "total": [0.5, 2.5]}), part)
    body = part.getvalue().to_pybytes()
    # More than one page of a listing.
    for number in range(1_050):
        key = f"sales/day=2026-{number % 12 + 1:02}-01/part-{number:05}.parquet"
        client.put_object(Bucket="lake", Key=key, Body=body)
    client.put_object(Bucket="lake", Key="raw/orders.csv", Body=b"id,total\n1,2\n", Tagging="pii=no")
    client.put_object(Bucket="lake", Key="raw/a b & c+d=é.csv", Body=b"id\n1\n", Tagging="odd=yes")
    client.put_object(Bucket="lake", Key="docs/opening.md", Body=b"# Opening\n")


def main():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    program = pathlib.Path(sys.executable).parent / "moto_server"
    # The count is set to 0, which starts the checks, when everything is there.
    server = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "1000000"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        wait_for(address, server)
        settings = {"endpoint_url": address, "region_name": "us-east-1"}
        first = {"aws_access_key_id": "first", "aws_secret_access_key": "first"}
        fill(boto3.client("s3", **settings, **first))
        people = boto3.client("iam", **settings, **first)
        people.create_user(UserName="catena")
        people.put_user_policy(UserName="catena", PolicyName="read", PolicyDocument=POLICY)
        key = people.create_access_key(UserName="catena")["AccessKey"]
        request = urllib.request.Request(f"{address}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
        urllib.request.urlopen(request).close()
        own = boto3.client(
            "s3", **settings, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
        )
        print(address, flush=True)
        print(key["AccessKeyId"], key["SecretAccessKey"], flush=True)
        for line in sys.stdin:
            if line.strip() == "change":
                own.put_object(Bucket="lake", Key="raw/returns.csv", Body=b"id,why\n7,late\n")
                print("done", flush=True)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
