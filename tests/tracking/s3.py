"""An S3-compatible store on loopback: moto's server, a package of the extra for tests."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from .postgres import free_port

KEYS = {
    "AWS_ACCESS_KEY_ID": "loopback",
    "AWS_SECRET_ACCESS_KEY": "loopback",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def s3_store(bucket: str) -> Iterator[dict[str, str]]:
    """A store with an empty bucket; the variables by which MLflow and boto3 find it."""
    pytest.importorskip("moto", reason="moto is not installed: pip install -e '.[dev]'")
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed: pip install boto3")
    address = f"http://127.0.0.1:{(port := free_port())}"
    line = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(line, stdout=quiet, stderr=quiet)
    try:
        _wait(address, server)
        client = boto3.client(
            "s3",
            endpoint_url=address,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            region_name=KEYS["AWS_DEFAULT_REGION"],
        )
        client.create_bucket(Bucket=bucket)
        yield {**KEYS, "MLFLOW_S3_ENDPOINT_URL": address}
    finally:
        server.terminate()
        server.wait(30)


def _wait(address: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2):
            return
        assert server.poll() is None, "the store ended"
        time.sleep(0.2)
    raise AssertionError("the store does not answer")
