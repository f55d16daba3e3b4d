"""What web/connections.py and web/server.py rely on in uvicorn."""

from __future__ import annotations

import asyncio
import inspect
import tomllib
from collections.abc import Callable
from typing import Any

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from tests.helpers.environment import ROOT


def signature(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_uvicorn_is_as_this_relies_on() -> None:
    """If this fails, read docs/decisions/0010-connections.md before anything else."""
    assert signature(H11Protocol) == ["config", "server_state", "app_state", "_loop"]
    for name, parameters in {
        "connection_made": ["self", "transport"],
        "connection_lost": ["self", "exc"],
        "data_received": ["self", "data"],
        "pause_writing": ["self"],
        "resume_writing": ["self"],
        "send_400_response": ["self", "msg"],
        "on_response_complete": ["self"],
        "_unsupported_upgrade_warning": ["self"],
    }.items():
        assert signature(getattr(H11Protocol, name)) == parameters
    assert signature(uvicorn.Server.startup) == ["self", "sockets"]
    assert signature(uvicorn.Server.shutdown) == ["self", "sockets"]
    # The methods that Connection overrides are those that uvicorn calls.
    source = inspect.getsource(H11Protocol)
    assert "self.send_400_response(msg)" in source
    assert "on_response=self.on_response_complete" in source
    assert "self._unsupported_upgrade_warning()" in source

    async def made() -> H11Protocol:
        config = uvicorn.Config(Starlette(), log_config=None, access_log=False)
        return H11Protocol(config, ServerState(), {})

    protocol = asyncio.run(made())
    assert isinstance(protocol.conn, h11.Connection)
    assert isinstance(protocol.loop, asyncio.AbstractEventLoop)
    assert hasattr(protocol, "transport")
    assert protocol.client is protocol.scope is None


def test_the_version_of_uvicorn_has_an_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (uvicorn_bound,) = (each for each in project["dependencies"] if each.startswith("uvicorn"))
    major, minor = map(int, uvicorn.__version__.split(".")[:2])
    assert uvicorn_bound.endswith(f",<{major}.{minor + 1}")
