"""compose.yaml and the balancer's configuration fit each other and the program."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from app.settings import Limits, load_settings
from tests.conftest import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
CLASS = {name for name, service in SERVICES.items() if service.get("profiles") == ["class"]}


def test_without_a_profile_one_container_is_started_for_this_machine_alone() -> None:
    [name] = set(SERVICES) - CLASS
    assert SERVICES[name]["ports"] == ["127.0.0.1:8000:8000"]


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


def test_what_is_mounted_and_waited_for_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_file()
            else:
                assert source in COMPOSE["volumes"]
        assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_settings_of_the_servers_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("explorer", "explorer-1", "explorer-2"):
        for variable, value in SERVICES[name]["environment"].items():
            monkeypatch.setenv(variable, re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value))
        settings = load_settings()
        assert "127.0.0.1" in settings.allowed_hosts
        assert settings.store == ("" if name == "explorer" else "redis://redis:6379/0")
        for variable in SERVICES[name]["environment"]:
            monkeypatch.delenv(variable)


def test_redis_writes_before_it_acknowledges() -> None:
    command = SERVICES["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--appendfsync") + 1] == "always"


def test_the_balancer_asks_the_servers_there_are() -> None:
    upstream = set(re.findall(r"server ([a-z0-9-]+):8000", NGINX))
    assert upstream == CLASS - {"balancer", "redis"}
    port = SERVICES["balancer"]["ports"][0].split(":")[-1]
    assert f"listen {port};" in NGINX
    assert "hash $place consistent;" in NGINX
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
def test_an_experiment_stays_where_it_is(path: str, experiment: str | None) -> None:
    found = re.search(r'"~(\^.*?)" \$experiment;', NGINX)
    assert found is not None
    matched = re.match(found[1].replace("(?<", "(?P<"), path)
    assert (matched and matched["experiment"]) == experiment


def test_a_body_that_the_servers_take_passes_the_balancer() -> None:
    found = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert found is not None
    assert int(found[1]) * 1024 * 1024 > Limits().max_body_bytes
