"""Rate limits: token buckets by key, and addresses that may look rooms up."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

# Keys remembered: the longest unused are forgotten first, and begin anew.
MOST_KEYS = 20_000


@lru_cache(maxsize=MOST_KEYS)
def network_of(host: str) -> str:
    """Return what the rate limits count ``host`` as.

    One machine can take any of the 2⁶⁴ addresses of its IPv6 network, so that network counts as
    one address.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:  # a socket's path, a name
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))


class Rate:
    """A token bucket for each key: ``burst`` at once, then ``per_second``."""

    def __init__(
        self, burst: float, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.burst = burst
        self.per_second = per_second
        self._clock = clock
        # (tokens, when) by key.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Return 0 if the next one is allowed, else the seconds until it is. Takes nothing."""
        return max(0.0, (1.0 - self._tokens(key)) / self.per_second)

    def take(self, key: str) -> float:
        """Take one token and return 0; if there is none, return the seconds until there is."""
        seconds = self.wait(key)
        if not seconds:
            self.spend(key)
        return seconds

    def spend(self, key: str) -> None:
        """Take one token, even if there is none."""
        self._buckets[key] = (max(0.0, self._tokens(key) - 1.0), self._clock())
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)

    def _tokens(self, key: str) -> float:
        tokens, when = self._buckets.get(key, (self.burst, self._clock()))
        return min(self.burst, tokens + (self._clock() - when) * self.per_second)


class Guesses:
    """Limits how many unknown codes an address may try.

    A class often has one address (NAT, a proxy). So a room that an address has found stays open to
    it whatever else it tries: nothing is learned by finding it again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = Rate(30, 1.0, clock)
        self._found: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait(self, address: str, code: str) -> float:
        """Return 0 if ``address`` may look up ``code``, else the seconds until it may."""
        if (address, code) in self._found:
            self._found.move_to_end((address, code))
            return 0.0
        return self._rate.wait(address)

    def found(self, address: str, code: str) -> None:
        """Note that the room exists."""
        self._found[address, code] = None
        if len(self._found) > MOST_KEYS:
            self._found.popitem(last=False)

    def missed(self, address: str) -> None:
        """Note that it does not."""
        self._rate.spend(address)
