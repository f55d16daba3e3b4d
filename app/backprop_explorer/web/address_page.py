"""What the page ``/address`` shows: where a class finds the server, for a projector."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from backprop_explorer.api.prefix import PREFIX
from backprop_explorer.host_names import is_loopback
from backprop_explorer.settings import Settings
from backprop_explorer.web.addresses import hosts_to_type, qr_svg

# host, or host:port, as a browser writes it.
HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
# Steps of the type size: the style sheet has a rule for each.
LENGTHS = (16, 20, 24, 28, 32, 40, 48)


@dataclass(frozen=True, slots=True)
class Address:
    """An address to type. ``scheme`` and ``rest`` make up the text; ``svg`` is its QR code."""

    scheme: str
    rest: str
    svg: str

    @property
    def length(self) -> int:
        """The characters of the text, rounded up to one of LENGTHS."""
        characters = len(self.scheme) + len(self.rest)
        return next((each for each in LENGTHS if characters <= each), LENGTHS[-1])


@dataclass(frozen=True, slots=True)
class Shown:
    """The address that is shown, None where only this machine reaches the server, and the others.

    The others are pairs of the value of ``?at=`` that shows one, and its text.
    """

    address: Address | None
    others: list[tuple[str, str]]


def shown_at(scope: Scope, settings: Settings, wanted: str, page: str = "") -> Shown:
    """Choose what the page shows; ``wanted`` is the host after ``?at=``, "" for the best one.

    ``page``: the path below the root that the address leads to.
    """
    hosts = list(dict.fromkeys(_hosts(scope, settings)))
    if not hosts:
        return Shown(None, [])
    host = wanted if wanted in hosts else hosts[0]
    scheme = f"{scope.get('scheme', 'http')}://"
    path = str(scope[PREFIX])
    svg = qr_svg(f"{scheme}{host}{path}{page or '/'}")
    others = [(each, f"{scheme}{each}{path}{page}") for each in hosts if each != host]
    return Shown(Address(scheme, f"{host}{path}{page}", svg), others)


def _hosts(scope: Scope, settings: Settings) -> Iterator[str]:
    """Yield hosts with their ports, the best one first.

    If this page was opened at an address that others can use, that one surely works.
    """
    headers = Headers(scope=scope)
    forwarded = headers.get("x-forwarded-host", "").partition(",")[0].strip()
    found = HOST.fullmatch(forwarded) or HOST.fullmatch(headers.get("host", ""))
    name, port = (found[1], found[2] or "") if found else ("", "")
    if name and not is_loopback(name):
        yield f"{name}{port}"
    # Another way to this machine does not lead through the proxy.
    if not forwarded and not scope[PREFIX]:
        for host in hosts_to_type(settings):
            yield f"{host}{port}"
