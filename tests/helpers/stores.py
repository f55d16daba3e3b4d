"""Fixtures of stores: a file, and a real redis-server process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.redis_server import RedisServer


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for tests that do not kill it."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that the test may kill."""
    server = RedisServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture(params=["sqlite", "redis"])
def store_address(
    request: pytest.FixtureRequest, tmp_path: Path, shared_redis: RedisServer
) -> Iterator[str]:
    """Return the address of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/folder/store.sqlite3"
        return
    import redis  # here, because it takes a tenth of a second in each test process

    with redis.Redis.from_url(shared_redis.url) as client:
        client.flushall()
    yield shared_redis.url
