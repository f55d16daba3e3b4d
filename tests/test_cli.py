"""The command line, as processes of their own."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from backprop_explorer import __version__
from backprop_explorer.api import metrics as observing
from backprop_explorer.cli import main
from backprop_explorer.settings import load_settings
from backprop_explorer.web.addresses import hosts_to_type, machine_addresses
from tests.helpers.environment import ROOT, environment
from tests.helpers.processes import wait_until
from tests.helpers.servers import RunningServer, start_server, stop_server


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backprop_explorer", *arguments],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"Backprop Explorer {__version__}\n"


def test_the_help_names_the_other_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "backprop-explorer check" in said
    assert "backprop-explorer lesson" in said


def test_a_home_that_cannot_be_used_names_the_remedy(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")
    folders = {name: str(home) for name in ("HOME", "XDG_DATA_HOME")}
    done = run("--port", "0", **folders, EXPLORER_STORE="")
    assert done.returncode in (1, 2)
    assert "EXPLORER_STORE=" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_bad_setting_is_one_line_and_exit_2() -> None:
    done = run(EXPLORER_PORT="http")
    assert done.returncode == 2
    assert re.fullmatch(r"backprop-explorer: EXPLORER_PORT: [^\n]+\n", done.stderr)


def test_an_unknown_setting_is_one_line_with_the_nearest_name() -> None:
    done = run(EXPLORER_ALLOWED_HOST="desk.example")
    assert done.returncode == 2
    assert done.stderr == (
        "backprop-explorer: EXPLORER_ALLOWED_HOST: unknown setting; "
        "did you mean EXPLORER_ALLOWED_HOSTS?\n"
    )


@pytest.fixture(scope="module")
def debugged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that logs requests, and answers under a name of its own."""
    running = start_server(
        tmp_path_factory.mktemp("debugged"),
        *("--log-level", "info"),
        EXPLORER_ALLOWED_HOSTS="desk.example:8000,127.0.0.1",
    )
    yield running
    stop_server(running.process)


def test_an_allowed_host_with_a_port_is_answered(debugged: RunningServer) -> None:
    port = debugged.url.rpartition(":")[2]
    for host in ("desk.example", "desk.example:8000", f"desk.example:{port}"):
        assert httpx.get(f"{debugged.url}/healthz", headers={"Host": host}).status_code == 200
    assert "the port of desk.example:8000 is ignored" in debugged.log.read_text()


def test_a_bad_option_is_exit_2() -> None:
    assert run("--port", "70000").returncode == 2
    assert run("--prot", "1").returncode == 2


def test_a_port_that_is_taken_is_one_line_and_exit_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("--port", str(port))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"Port {port} is taken" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert done.stdout == ""


def test_an_address_of_another_machine_is_one_line_and_exit_1() -> None:
    done = run("--host", "192.0.2.1", "--port", "0")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Cannot listen on 192.0.2.1" in done.stderr


def test_listening_beyond_this_machine_is_warned_of_and_every_address_answered(
    tmp_path: Path,
) -> None:
    running = start_server(tmp_path, EXPLORER_HOST="0.0.0.0")  # which alone is enough
    expect_hosts_to_type(running.url)
    refused = httpx.get(f"{running.url}/healthz", headers={"Host": "192.168.1.5"})
    assert refused.status_code == 400
    check_addresses(running.url, "0.0.0.0")
    # Uvicorn ends by that signal, as a supervisor expects.
    assert stop_server(running.process, signal.SIGTERM) == -signal.SIGTERM
    log = running.log.read_text()
    assert "Other machines can reach it" in log
    assert "the addresses of this machine" in log
    assert "EXPLORER_ALLOWED_HOSTS" in log


def expect_hosts_to_type(url: str) -> None:
    """The first is in what the server prints, and each page for a projector has its own."""
    port = url.rpartition(":")[2]
    hosts = hosts_to_type(load_settings(host="0.0.0.0"))
    assert url == f"http://{(*hosts, 'localhost')[0]}:{port}"
    # The resolver of a test machine may not know its name.
    for host in (each for each in hosts if not each.endswith(".local")):
        page = httpx.get(f"http://{host}:{port}/address")
        assert page.status_code == 200, host
        _, shown = page.text.split('data-readout="address">')
        said = re.sub(r"<[^>]*>", "", shown[: shown.index("</p>")])
        assert said.strip() == f"http://{host}:{port}"


def test_every_address_of_the_machine_is_answered_with_ipv6_until_ctrl_c(tmp_path: Path) -> None:
    running = start_server(tmp_path, "--host", "::")
    check_addresses(running.url, "::")
    before = running.log.read_text()
    assert stop_server(running.process, signal.SIGINT) == 0
    assert running.log.read_text() == before, "logged while it stopped"


def check_addresses(url: str, host: str) -> None:
    port = url.rpartition(":")[2]
    # macOS has no address below 127 but one; elsewhere each stands for one of a network.
    other = [] if sys.platform == "darwin" else ["127.0.0.2"]
    for own in ("127.0.0.1", "localhost", *other, *machine_addresses(host)):
        assert httpx.get(f"http://{own}:{port}/healthz").status_code == 200, own


def test_its_log_is_json_lines_with_requests(debugged: RunningServer) -> None:
    """By default requests are not logged: the test of signals reads that log."""
    httpx.get(f"{debugged.url}/nowhere%0A?q=secret")
    wait_until(lambda: "nowhere" in debugged.log.read_text())
    text = debugged.log.read_text()
    assert "secret" not in text
    # The first line of the output is about the settings and is not part of the log.
    found = [json.loads(line) for line in text.splitlines()[1:]]
    assert {"GET /healthz 200", "GET /nowhere\n 404"} <= {line["message"] for line in found}
    assert all(line["request"] for line in found if line["logger"] == observing.__name__)


def test_blas_uses_one_thread_unless_told_otherwise() -> None:
    code = (
        "import os, sys, backprop_explorer.cli as cli\n"
        "cli._serve = lambda settings, listener: listener.close() or 0\n"
        "cli.main(['--port', '0']); print(os.environ['OPENBLAS_NUM_THREADS'],"
        " os.environ['OMP_NUM_THREADS'], 'numpy' in sys.modules)"
    )
    variables = environment(OMP_NUM_THREADS="3")
    variables.pop("OPENBLAS_NUM_THREADS", None)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "1 3 False\n"
