"""A store in a Redis server, which several servers can share."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from backprop_explorer.engine.errors import Unavailable
from backprop_explorer.experiments.store.base import Bound, Store
from backprop_explorer.settings import ConfigurationError
from backprop_explorer.texts import experiments as texts

# Seconds to wait for a server that does not answer.
TIMEOUT_SECONDS = 2.0
PREFIX = "backprop-explorer"

# One script, so that the change is atomic. For each kind there are a hash of contents, a sorted set
# of names by last use, and a count of bytes; one counter numbers the uses. Arguments: kind, name,
# content, maximum entries, maximum bytes, then kind and name of each use.
_WRITE = """
local prefix, kind, name, content = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local contents, uses, bytes = prefix .. ':' .. kind, prefix .. ':' .. kind .. ':used',
    prefix .. ':' .. kind .. ':bytes'
for at = 6, #ARGV, 2 do
    redis.call('ZADD', prefix .. ':' .. ARGV[at] .. ':used', 'XX',
        redis.call('INCR', prefix .. ':uses'), ARGV[at + 1])
end
if name ~= '' then
    if redis.call('HSETNX', contents, name, content) == 1 then
        redis.call('INCRBY', bytes, #content)
    end
    redis.call('ZADD', uses, redis.call('INCR', prefix .. ':uses'), name)
    local count = redis.call('ZCARD', uses)
    local total = tonumber(redis.call('GET', bytes))
    while count > 1 and (count > tonumber(ARGV[4]) or total > tonumber(ARGV[5])) do
        local oldest = redis.call('ZPOPMIN', uses)[1]
        total = redis.call('DECRBY', bytes, redis.call('HSTRLEN', contents, oldest))
        redis.call('HDEL', contents, oldest)
        count = count - 1
    end
end
"""


class RedisStore(Store):
    """A store in the Redis server at ``address`` (redis://:password@host:port/number).

    The server's settings decide how durable a put is: with ``appendonly yes`` and ``appendfsync
    always`` it survives a kill of Redis and a power failure. With ``everysec`` up to two seconds
    can be lost where the disk is slow.

    Raises ConfigurationError if the server cannot be reached or refuses the login.
    """

    def __init__(self, address: str, bound: Bound | None = None) -> None:
        super().__init__(bound or Bound())
        self._client, self._error = connect(address)
        try:
            self._script = self._client.register_script(_WRITE)
            # Write once, so that a read-only replica or a wrong password fails at start.
            self._client.incr(f"{PREFIX}:uses")
        except (self._error, OSError, ValueError) as error:
            raise ConfigurationError(
                f"EXPLORER_STORE: cannot keep experiments in Redis at {_place(address)}: "
                f"{' '.join(str(error).split())}"
            ) from None

    def _write(
        self, kind: str, name: str, content: bytes, used: Collection[tuple[str, str]]
    ) -> None:
        uses = [part for use in used for part in use]
        bound = (self.bound.entries, self.bound.content_bytes)
        self._ask(lambda: self._script(keys=[PREFIX], args=[kind, name, content, *bound, *uses]))

    def _read(self, kind: str, name: str) -> bytes | None:
        content: bytes | None = self._ask(lambda: self._client.hget(f"{PREFIX}:{kind}", name))
        return content

    def _note(self, used: Collection[tuple[str, str]]) -> None:
        self._write("", "", b"", used)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except self._error as error:
            raise Unavailable(texts.STORE_UNREACHABLE) from error


def connect(address: str) -> tuple[Any, type[Exception]]:
    """Return a client of the Redis server at ``address``, and the class of its errors.

    The client connects when it is first used. Raises ConfigurationError if there is no client to
    import, or ``address`` is none.
    """
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise ConfigurationError(
            "EXPLORER_STORE: Redis needs its client: pip install redis"
        ) from None
    try:
        client = redis.Redis.from_url(
            address,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            # Retry once, because an idle connection may have been closed.
            retry=Retry(NoBackoff(), 1),
        )
    except (redis.RedisError, OSError, ValueError):
        # Without the reason: it may name a part of the password.
        raise ConfigurationError("EXPLORER_STORE: not an address of a Redis server") from None
    return client, redis.RedisError


def _place(address: str) -> str:
    """Return the server's address without user and password."""
    parts = urlsplit(address)
    return parts.netloc.rpartition("@")[2] or parts.path
