"""compose.yaml and the balancer's configuration are consistent with each other and the program."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from backprop_explorer.limits import Limits
from backprop_explorer.settings import load_settings
from deploy import healthcheck
from tests.helpers.cases import exhaustive
from tests.helpers.environment import ROOT, environment
from tests.helpers.redis_server import free_port
from tests.helpers.servers import start_server, stop_server

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
IN_A_CLASS: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "class.yaml").read_text())
CLASS = {name for name, service in SERVICES.items() if service.get("scale", 1) == 0}


def test_by_default_one_container_is_started_for_this_machine_alone() -> None:
    [name] = set(SERVICES) - CLASS
    assert SERVICES[name]["ports"] == ["127.0.0.1:${EXPLORER_PORT:-8000}:8000"]


def test_docker_compose_down_stops_a_class_too() -> None:
    """It stops what compose.yaml knows: not services under a profile, nor of another file."""
    assert not [name for name, service in SERVICES.items() if "profiles" in service]
    assert set(IN_A_CLASS) == {"services"}
    # In a class run the other services, each once.
    scales = {name: service["scale"] for name, service in IN_A_CLASS["services"].items()}
    assert scales == {name: int(name in CLASS) for name in SERVICES}


def test_the_class_has_a_balancer_two_servers_and_redis() -> None:
    assert {"balancer", "explorer-1", "explorer-2", "redis"} == CLASS
    # Only the balancer can be reached from outside.
    assert [name for name in CLASS if "ports" in SERVICES[name]] == ["balancer"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 256
    # The image of the program has a user of its own.
    assert service["image"] == "backprop-explorer" or service["user"].split(":")[0] != "0"


def test_mounted_files_and_dependencies_exist() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_file()
            else:
                assert source in COMPOSE["volumes"]
        assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_the_environment_of_the_servers_has_known_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("explorer", "explorer-1", "explorer-2"):
        for variable, value in SERVICES[name]["environment"].items():
            monkeypatch.setenv(variable, re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value))
        settings = load_settings()
        assert "127.0.0.1" in settings.allowed_hosts
        assert settings.store == ("" if name == "explorer" else "redis://redis:6379/0")
        assert len(settings.proxies) == (name != "explorer")
        for variable in SERVICES[name]["environment"]:
            monkeypatch.delenv(variable)


def test_redis_writes_before_it_acknowledges() -> None:
    command = SERVICES["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--appendfsync") + 1] == "always"


def test_the_servers_believe_the_balancer_alone() -> None:
    """The balancer replaces what a client sends, and the servers are published nowhere."""
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    [addresses] = COMPOSE["networks"]["class"]["ipam"]["config"]
    balancer = SERVICES["balancer"]["networks"]["class"]["ipv4_address"]
    assert ip_address(balancer) in ip_network(addresses["subnet"])
    # Docker gives no other container this address.
    assert ip_address(balancer) not in ip_network(addresses["ip_range"])
    for name in ("explorer-1", "explorer-2"):
        assert SERVICES[name]["environment"]["EXPLORER_PROXIES"] == balancer
        assert "ports" not in SERVICES[name]
    assert [name for name in SERVICES if "class" not in SERVICES[name].get("networks", ())] == [
        "explorer"
    ]


def test_every_container_has_a_limit_of_memory_and_redis_drops_nothing() -> None:
    limits = {name: service["mem_limit"] for name, service in SERVICES.items()}
    assert limits == {
        "explorer": "${SERVER_MEMORY:-2g}", "explorer-1": "${SERVER_MEMORY:-2g}",
        "explorer-2": "${SERVER_MEMORY:-2g}", "balancer": "512m", "redis": "1g",
    }  # fmt: skip
    command = SERVICES["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    # Rewriting its file, Redis may need twice as much.
    assert command[command.index("--maxmemory") + 1] == "512mb"


def test_the_balancer_knows_all_servers() -> None:
    upstream = set(re.findall(r"server ([a-z0-9-]+):8000", NGINX))
    assert upstream == CLASS - {"balancer", "redis"}
    port = SERVICES["balancer"]["ports"][0].split(":")[-1]
    assert f"listen {port};" in NGINX
    assert "hash $place consistent;" in NGINX
    # A restarted container may have another address.
    assert NGINX.count(" resolve ") == len(upstream)
    assert "resolver 127.0.0.11 " in NGINX
    # The servers check the name that the browser asked for.
    assert "proxy_set_header Host $http_host;" in NGINX
    assert NGINX.count("{") == NGINX.count("}")


@pytest.mark.parametrize(
    ("path", "experiment"),
    [
        ("/api/v1/experiments/0123456789abcdef0123/frames/7", "0123456789abcdef0123"),
        ("/api/v1/experiments/0123456789abcdef0123", "0123456789abcdef0123"),
        ("/api/v1/experiments", None),
        ("/static/js/main.js", None),
    ],
)
def test_an_experiment_stays_on_one_server(path: str, experiment: str | None) -> None:
    found = re.search(r'"~(\^.*?)" \$experiment;', NGINX)
    assert found is not None
    matched = re.match(found[1].replace("(?<", "(?P<"), path)
    assert (matched and matched["experiment"]) == experiment


def test_the_balancer_accepts_the_largest_body() -> None:
    found = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert found is not None
    assert int(found[1]) * 1024 * 1024 > Limits().max_body_bytes


def test_the_balancer_answers_with_problem_documents() -> None:
    found = re.findall(r"^ +(\d+) '(\"title\".*)';$", NGINX, flags=re.MULTILINE)
    assert {int(status) for status, _ in found} >= {400, 404, 413, 502, 504}
    for status, members in found:
        document = json.loads(f'{{"type":"about:blank",{members},"errors":[]}}')
        assert document["status"] == int(status)
        assert document["detail"].endswith(".")


def test_event_streams_are_neither_cut_off_nor_sent_twice() -> None:
    start = NGINX.index("location ~ ^/api/v1/rooms/[^/]+/(tally/)?events$")
    block = NGINX[start : NGINX.index("}", start)]
    assert "proxy_read_timeout 1h;" in block
    assert "proxy_next_upstream error;" in block


@pytest.mark.parametrize("name", ["explorer", "explorer-1", "explorer-2"])
def test_compose_repeats_the_health_check_of_the_image(name: str) -> None:
    """Images in buildah's own format have no health check."""
    check = SERVICES[name]["healthcheck"]
    text = " ".join((ROOT / "Dockerfile").read_text().replace("\\\n", " ").split())
    assert json.dumps(check["test"]).replace('"CMD", ', "") in text
    for option in ("interval", "timeout", "start_interval", "start_period", "retries"):
        assert f"--{option.replace('_', '-')}={check[option]}" in text


def test_a_container_of_the_class_keeps_no_files() -> None:
    """A VOLUME in the image would leave an anonymous volume behind for each container."""
    assert "VOLUME" not in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize(
    ("hosts", "name"),
    [
        ("", "localhost"),
        ("192.168.1.5,localhost", "192.168.1.5"),
        (" , desk.example", "desk.example"),
        ("*.class.example", "localhost.class.example"),
        ("*", "localhost"),
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
    ],
)
def test_the_health_check_asks_under_an_allowed_name(hosts: str, name: str) -> None:
    assert healthcheck.allowed_name(hosts) == name


@pytest.mark.parametrize(
    "hosts", [exhaustive(""), exhaustive("192.168.1.5,127.0.0.1"), "*.class.example,127.0.0.1"]
)
def test_the_health_check_waits_for_the_server(hosts: str, tmp_path: Path) -> None:
    port = str(free_port())
    variables = environment(EXPLORER_ALLOWED_HOSTS=hosts, EXPLORER_PORT=port)
    command = [sys.executable, "-I", "-S", ROOT / "deploy" / "healthcheck.py"]
    check = subprocess.Popen(command, env=variables)
    server = start_server(tmp_path, "--port", port, EXPLORER_ALLOWED_HOSTS=hosts)
    try:
        if check.wait() != 0:  # the server needed more than 4 s
            check = subprocess.Popen(command, env=variables)
        assert check.wait() == 0
    finally:
        stop_server(server.process)


def test_without_a_server_the_health_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healthcheck, "SECONDS", 0.1)
    monkeypatch.setenv("EXPLORER_PORT", str(free_port()))
    assert healthcheck.main() == 1
