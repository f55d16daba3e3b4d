"""Names of hosts as the Host header and EXPLORER_ALLOWED_HOSTS have them."""

from __future__ import annotations

import ipaddress
import re
import socket

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def default_hosts(host: str) -> tuple[str, ...]:
    """Return the names that a server listening on ``host`` is reached by.

    For 0.0.0.0 and :: these are the names of the machine; its addresses may change while the
    server runs, so that KnownHosts compares them with each connection.
    """
    if is_unspecified(host):
        return (*LOCAL_HOSTS, *machine_names())
    if bracketed(host) in LOCAL_HOSTS:
        return LOCAL_HOSTS
    return (*LOCAL_HOSTS, bracketed(host))


def machine_names() -> tuple[str, ...]:
    """Return the machine's host name and its name in multicast DNS, as in desk and desk.local."""
    name = socket.gethostname().lower()
    # Without a dot there is a .local, which Apple's and most Linux desktops announce.
    names = (name,) if "." in name else (name, f"{name}.local")
    return tuple(
        each for each in names if re.fullmatch(r"[a-z0-9.-]+", each) and each != "localhost"
    )


def is_unspecified(host: str) -> bool:
    """Tell whether ``host`` means every address of the machine, as 0.0.0.0 and :: do."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach ``host``."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def ignored_ports(hosts: str) -> tuple[str, ...]:
    """Return the entries of EXPLORER_ALLOWED_HOSTS that have a port, which is not compared."""
    parts = (part.strip() for part in hosts.split(","))
    return tuple(part for part in parts if re.search(r"^(\[.*\]|[^:]*):\d*$", part))


def without_port(host: str) -> str:
    """Remove the port, since the Host header is compared without it; a port would match nothing.

    Raises ValueError for what is neither a name nor an address.
    """
    bare = re.sub(r":\d*\Z", "", host) if host.startswith("[") or host.count(":") == 1 else host
    if re.search(r"[:\[\]]", bare):
        try:
            ipaddress.IPv6Address(bare[1:-1] if re.fullmatch(r"\[.*\]", bare) else bare)
        except ValueError:
            raise ValueError(f"{host!r} must be a name or an address") from None
    return bare


def bracketed(host: str) -> str:
    """Write an IPv6 address as the Host header does."""
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return host.lower()
    return f"[{address}]" if address.version == 6 else str(address)
