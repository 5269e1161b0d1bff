"""The same work on a Dask cluster: a machine that dies in the middle costs nothing, and nothing is done twice."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from batches import make_batch, write_roster
from command_line import Gknb, environment
from kit import write

pytestmark = pytest.mark.cluster
FILES = 240
SOURCES = environment({"DASK_DISTRIBUTED__ADMIN__LOG_LENGTH": "0"})


@dataclass
class Cluster:
    """A scheduler on loopback and the processes that do its work."""

    address: str
    machines: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    yield from started(tmp_path, "tcp", SOURCES)


def started(folder: Path, protocol: str, env: Mapping[str, str]) -> Iterator[Cluster]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"{protocol}://127.0.0.1:{probe.getsockname()[1]}"
    quiet = {"cwd": folder, "env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    place = [
        "--host",
        f"{protocol}://127.0.0.1",
        "--port",
        address.rpartition(":")[2],
        "--no-dashboard",
        "--no-jupyter",
    ]
    processes = [subprocess.Popen([*dask, "scheduler", *place], **quiet)]
    machine = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
    machines = [subprocess.Popen(machine, **quiet) for _ in range(2)]
    processes += machines
    try:
        yield Cluster(address, machines)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_machine_that_dies_costs_nothing(cluster: Cluster, gknb: Gknb, tmp_path: Path) -> None:
    make_batch(tmp_path / "foreign", FILES, seed=8)
    check = [sys.executable, "-m", "toolkit", "check", "foreign", "-o", "远"]
    process = subprocess.Popen(
        [*check, "--scheduler", cluster.address],
        cwd=tmp_path,
        env={**SOURCES, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    first = [process.stdout.readline() for _ in range(30)]
    os.kill(cluster.machines[0].pid, signal.SIGKILL)
    said = process.stdout.read()
    assert process.stderr is not None
    problems = process.stderr.read()
    assert process.wait(timeout=60) == 1, problems
    assert "Traceback" not in problems
    assert gknb("check", "foreign", "-o", "近").returncode == 1
    far, near = ((tmp_path / name / "findings.json").read_bytes() for name in ("远", "近"))
    assert far == near, "nothing is lost, nothing doubled"
    lines = [line for line in "".join([*first, said]).splitlines() if line.startswith("【")]
    assert len(lines) == len(set(lines)) == json.loads(near)["summary"]["files"]


def test_reports_and_templates_are_the_same_from_a_cluster(cluster: Cluster, gknb: Gknb, tmp_path: Path) -> None:
    sown = make_batch(tmp_path / "foreign", 30, seed=8, sound=True)
    roster = write_roster(tmp_path / "名册.csv", sown.agencies)
    for name, where in (("远", ["--scheduler", cluster.address]), ("近", [])):
        made = gknb("report", "foreign", "-o", f"{name}报告", *where)
        assert made.returncode == 0, made.stderr
        issued = gknb("distribute", roster, "--year", 2024, "-o", f"{name}发放", *where)
        assert issued.returncode == 0, issued.stderr
    for kind, pattern in (("报告", "*.docx"), ("发放", "*-*.xlsx")):
        far, near = (
            {file.name: sha256(file.read_bytes()).hexdigest() for file in (tmp_path / f"{name}{kind}").glob(pattern)}
            for name in ("远", "近")
        )
        assert set(far) == set(near), "a report's archive carries the hour it was packed"
        assert kind == "报告" or far == near
        assert len(far) == 30


def certificates(folder: Path) -> dict[str, str]:
    """What tells Dask to let in nobody without a certificate, as docs/安全.md says."""
    from distributed.security import Security

    made = Security.temporary()
    ca, key = (
        write(folder / name, content.encode())
        for name, content in (("ca.pem", made.tls_ca_file), ("key.pem", made.tls_client_key))
    )
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    roles = {
        f"{tls}{role}__{what}": str(path)
        for role in ("CLIENT", "WORKER", "SCHEDULER")
        for what, path in (("CERT", ca), ("KEY", key))
    }
    return {f"{tls}CA_FILE": str(ca), "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true", **roles}


def test_it_works_over_tls_and_for_nobody_without_a_certificate(gknb_anew: Gknb, tmp_path: Path) -> None:
    make_batch(tmp_path / "foreign", 5, seed=8, sound=True)
    known = certificates(tmp_path / "keys")
    running = started(tmp_path, "tls", {**SOURCES, **known})
    cluster = next(running)
    try:
        ran = gknb_anew("check", "foreign", "--scheduler", cluster.address, "--json", **known)
        assert json.loads(ran.stdout)["summary"]["files"] == 5, ran.stderr
        for address in (cluster.address, cluster.address.replace("tls", "tcp")):
            refused = gknb_anew("check", "foreign", "--scheduler", address)
            assert refused.returncode == 2
            assert f"连不上集群 {address}" in refused.stderr
            assert refused.stderr.count("\n") == 1
    finally:
        running.close()


def test_no_cluster_is_one_clear_line(gknb: Gknb, tmp_path: Path) -> None:
    make_batch(tmp_path / "foreign", 3, sound=True)
    for address in ("tcp://127.0.0.1:9", "胡写"):
        ran = gknb("check", "foreign", "--scheduler", address)
        assert ran.returncode == 2
        assert ran.stderr.count("\n") == 1
        assert f"连不上集群 {address}" in ran.stderr


def test_a_file_keeps_within_its_bounds_there_too(cluster: Cluster, gknb: Gknb, tmp_path: Path) -> None:
    """Also where the cluster's own process may have no others below it (the usual way with a nanny)."""
    make_batch(tmp_path / "foreign", 6, seed=8)
    slow = b"<html><table>" + b"<tr>" + b"<td>1" * 300_000
    files = sorted((tmp_path / "foreign").rglob("*.xlsx"))[:3]
    files += [write(tmp_path / "foreign" / f"{number}.html", slow + b" " * number) for number in (1, 2)]
    command = [sys.executable, "-m", "dask", "worker", cluster.address, "--nthreads", "2", "--no-dashboard"]
    machine = subprocess.Popen(command, cwd=tmp_path, env=SOURCES, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for other in cluster.machines:
            other.kill()
        result = gknb("check", *files, "--json", "--seconds", 2, "--scheduler", cluster.address)
    finally:
        machine.terminate()
        machine.wait()
    found = {Path(file["path"]).suffix: file for file in json.loads(result.stdout)["files"]}
    assert found[".xlsx"]["status"] != "unreadable"
    assert found[".html"]["cause"] == "over-time"
    assert len(json.loads(result.stdout)["files"]) == 5
