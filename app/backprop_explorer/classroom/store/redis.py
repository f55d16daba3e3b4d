"""Rooms in a Redis server, for a class on several servers, with messages between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from backprop_explorer.classroom.store.base import Document, Kept, RoomStore, answers_to
from backprop_explorer.engine.errors import TooManyRequests, Unavailable
from backprop_explorer.experiments.store.redis import PREFIX, TIMEOUT_SECONDS, connect
from backprop_explorer.texts import classroom as texts

CHANNEL = f"{PREFIX}:rooms:changed"
ROOMS = f"{PREFIX}:rooms"
# The pause before the channel of messages is opened again.
RECONNECT_SECONDS = 0.5
# How often the thread that waits for messages looks whether it has to end.
LOOK_SECONDS = 0.25

# Each script is one atomic change. A room is a hash (version, content, question); its entries are
# a hash for each kind, its kinds a set, so that all of them end together. KEYS[1] is the room.
_CREATE = """
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3] - ARGV[4])
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then return -1 end
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', 1, 'content', ARGV[2], 'question', '')
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[4] * 1000))
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
"""
_REPLACE = """
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'content', ARGV[2], 'question', ARGV[3])
return 1
"""
_EACH = """
local keys = {KEYS[1], KEYS[1] .. ':kinds'}
for _, kind in ipairs(redis.call('SMEMBERS', KEYS[1] .. ':kinds')) do
    keys[#keys + 1] = KEYS[1] .. ':' .. kind
end
"""
_END = _EACH + "redis.call('ZREM', KEYS[2], ARGV[1]) return redis.call('DEL', unpack(keys))"
_USE = (
    _EACH
    + """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for _, key in ipairs(keys) do redis.call('PEXPIRE', key, math.ceil(ARGV[3] * 1000)) end
return redis.call('ZADD', KEYS[2], 'XX', ARGV[2], ARGV[1])
"""
)
_KEEP = """
local function keep(kind, name, content)
    local grown = #content - redis.call('HSTRLEN', KEYS[1] .. ':' .. kind, name)
    redis.call('HINCRBY', KEYS[1], 'bytes', grown)
    redis.call('HSET', KEYS[1] .. ':' .. kind, name, content)
    if redis.call('SADD', KEYS[1] .. ':kinds', kind) == 1 then
        local left = redis.call('PTTL', KEYS[1])
        redis.call('PEXPIRE', KEYS[1] .. ':' .. kind, left)
        redis.call('PEXPIRE', KEYS[1] .. ':kinds', left)
    end
end
local function fits(content, most)
    return (redis.call('HGET', KEYS[1], 'bytes') or 0) + #content <= tonumber(most)
end
"""
_PUT = (
    _KEEP
    + """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local entries = KEYS[1] .. ':' .. ARGV[1]
if redis.call('HEXISTS', entries, ARGV[2]) == 0
    and redis.call('HLEN', entries) >= tonumber(ARGV[4]) then return 0 end
if not fits(ARGV[3], ARGV[5]) then return -1 end
keep(ARGV[1], ARGV[2], ARGV[3])
return 1
"""
)
_ANSWER = (
    _KEEP
    + """
local kind, name, attempt, content, question = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local kept = redis.call('HGET', KEYS[1] .. ':' .. kind, name)
local last = redis.call('HGET', KEYS[1] .. ':' .. kind .. ':attempts', name)
if redis.call('HGET', KEYS[1], 'question') ~= question
    or (kept and tonumber(last) >= tonumber(attempt)) then
    return {0, kept}
end
if not fits(content, ARGV[6]) then return {-1, kept} end
keep(kind, name, content)
keep(kind .. ':attempts', name, attempt)
return {1, content}
"""
)
_AMEND = (
    _KEEP
    + """
local attempts = KEYS[1] .. ':' .. ARGV[1] .. ':attempts'
if redis.call('HGET', attempts, ARGV[2]) == ARGV[3] then keep(ARGV[1], ARGV[2], ARGV[4]) end
"""
)
_DROP = """
local entries = KEYS[1] .. ':' .. ARGV[1]
for k = 2, #ARGV do
    local size = redis.call('HSTRLEN', entries, ARGV[k])
    if redis.call('HDEL', entries, ARGV[k]) == 1 then
        redis.call('HINCRBY', KEYS[1], 'bytes', -size)
    end
end
"""


class RedisRoomStore(RoomStore):
    """Rooms in the Redis server at ``address``.

    Raises ConfigurationError if ``address`` is none of a Redis server.
    """

    def __init__(self, address: str, seconds: float, most_bytes: int) -> None:
        super().__init__(seconds, most_bytes)
        self._client, self._error = connect(address)
        self._stopped = threading.Event()
        self._listener: threading.Thread | None = None
        script = self._client.register_script
        self._create, self._replace, self._end = map(script, (_CREATE, _REPLACE, _END))
        self._use, self._put, self._answer = map(script, (_USE, _PUT, _ANSWER))
        self._amend, self._drop = map(script, (_AMEND, _DROP))

    def create(self, code: str, content: bytes, most: int) -> bool:
        done = self._run(
            self._create, code, code, content, time.time(), self.seconds, most, rooms=True
        )
        if done < 0:
            raise TooManyRequests(texts.NO_PLACE, 60)
        return bool(done)

    def read(self, code: str) -> Document | None:
        with self._errors():
            version, content = self._client.hmget(_key(code), "version", "content")
        return None if version is None else Document(int(version), content)

    def replace(self, code: str, version: int, content: bytes, question: int | None) -> bool:
        opened = "" if question is None else question
        return bool(self._run(self._replace, code, version, content, opened))

    def end(self, code: str) -> None:
        self._run(self._end, code, code, rooms=True)

    def use(self, code: str) -> None:
        self._run(self._use, code, code, time.time(), self.seconds, rooms=True)

    def put(self, code: str, kind: str, name: str, content: bytes, most: int) -> bool:
        done = self._run(self._put, code, kind, name, content, most, self.bytes_for(kind))
        if done < 0:
            raise self.too_large()
        return bool(done)

    def get(self, code: str, kind: str, name: str) -> bytes | None:
        with self._errors():
            found: bytes | None = self._client.hget(f"{_key(code)}:{kind}", name)
        return found

    def entries(self, code: str, kind: str) -> dict[str, bytes]:
        with self._errors():
            found = self._client.hgetall(f"{_key(code)}:{kind}")
        return {name.decode(): content for name, content in found.items()}

    def names(self, code: str, kind: str) -> set[str]:
        with self._errors():
            return {name.decode() for name in self._client.hkeys(f"{_key(code)}:{kind}")}

    def drop(self, code: str, kind: str, names: Iterable[str]) -> None:
        self._run(self._drop, code, kind, *names)

    def answer(self, code: str, question: int, student: str, attempt: int, content: bytes) -> Kept:
        kind = answers_to(question)
        values = (kind, student, attempt, content, question, self.most_bytes)
        fresh, kept = self._run(self._answer, code, *values)
        if fresh < 0:
            raise self.too_large()
        return Kept(kept, bool(fresh))

    def amend(self, code: str, question: int, student: str, attempt: int, content: bytes) -> None:
        self._run(self._amend, code, answers_to(question), student, attempt, content)

    def publish(self, code: str, what: str) -> None:
        with self._errors():
            self._client.publish(CHANNEL, f"{code} {what}")

    def subscribe(self, changed: Callable[[str, str], None]) -> None:
        self._listener = threading.Thread(
            target=self._listen, args=(changed,), daemon=True, name="rooms-messages"
        )
        self._listener.start()

    def _listen(self, changed: Callable[[str, str], None]) -> None:
        while not self._stopped.is_set():
            with suppress(self._error, OSError), self._client.pubsub() as channel:
                channel.subscribe(CHANNEL)
                while not self._stopped.is_set():
                    message = channel.get_message(timeout=LOOK_SECONDS)
                    if message is None:
                        continue
                    if message["type"] == "subscribe":
                        changed("", "")
                    elif message["type"] == "message":
                        code, _, what = message["data"].decode().partition(" ")
                        changed(code, what)
            self._stopped.wait(RECONNECT_SECONDS)

    def close(self) -> None:
        """Close the connections."""
        self._stopped.set()
        if self._listener is not None:
            self._listener.join(2 * TIMEOUT_SECONDS)
        self._client.close()

    def _run(self, script: Any, code: str, *values: Any, rooms: bool = False) -> Any:
        keys = [_key(code), ROOMS] if rooms else [_key(code)]
        with self._errors():
            return script(keys=keys, args=values)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            raise Unavailable(texts.NOT_SAVED) from error


def _key(code: str) -> str:
    return f"{PREFIX}:room:{code}"
