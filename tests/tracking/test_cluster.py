"""The whole of docs/scale.md on loopback: workers of Ray, MLflow on PostgreSQL, artifacts on S3."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.caches import new_cache
from tests.sweep.conftest import SMALL
from tests.sweep.ray_cluster import AUTH, ROOT, cluster

from .postgres import MlflowServer, database, free_port
from .s3 import s3_store
from .test_server import check

BUCKET = "earmark"
LINE = ("-m", "model=expert,silence", "tier=notes", "temperature=0,0.5", *SMALL, "name=cluster")
RUNS = 4


@pytest.mark.xdist_group("launchers")
def test_workers_of_two_nodes_track_into_a_server_on_postgresql_and_s3(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with s3_store(BUCKET) as s3, database() as store, cluster({}) as address:
        server = MlflowServer(store, f"s3://{BUCKET}/runs", free_port(), s3)
        server.start()
        try:
            environment = {
                **os.environ,
                **AUTH,
                "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
                "EARMARK_ROOT": str(root),
                "EARMARK_CACHE": str(new_cache(root / "cache")),
                "MLFLOW_TRACKING_URI": server.uri,
            }
            ray = ("hydra/launcher=ray", f"+hydra.launcher.ray.init.address={address}")
            done = subprocess.run(
                [sys.executable, "-m", "earmark", *LINE, *ray],
                env=environment,
                capture_output=True,
                text=True,
                timeout=500,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert server.uri in done.stdout
            check(server.uri, root, RUNS, name="cluster")
        finally:
            server.stop()
        assert objects(s3) > RUNS * len(("run.json", "listen.html", "attempts.json"))


def objects(variables: dict[str, str]) -> int:
    """How many artifacts the store holds."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=variables["MLFLOW_S3_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_DEFAULT_REGION"],
    )
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return sum(page["KeyCount"] for page in pages)
