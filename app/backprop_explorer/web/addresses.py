"""The addresses at which browsers reach the server, and their QR codes.

A class needs an address of the machine and not its ``localhost``: it is printed at the start, with
a QR code, and shown at ``/address`` for a projector.
"""

from __future__ import annotations

import io
import ipaddress
import os
import re
import socket
from pathlib import Path

from backprop_explorer.host_names import is_loopback, is_unspecified
from backprop_explorer.settings import Settings

# Networks inside this machine: other machines do not reach their addresses.
VIRTUAL = re.compile(r"docker|br-|veth|virbr|vmnet|vboxnet|vethernet|bridge|podman|lxc|cni")
CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")
# White on black whatever the terminal's colours are: not every phone reads an inverted code.
TERMINAL_COLOURS = ("\x1b[38;5;231;48;5;16m", "\x1b[0m")


def machine_addresses(host: str = "0.0.0.0") -> tuple[str, ...]:  # noqa: S104 - not bound here
    """Return the addresses that a server listening on ``host`` has, as they stand in a URL.

    ``host`` is 0.0.0.0 (IPv4 alone) or ::. Loopback and link-local addresses are left out. The one
    of the default route comes first, those of virtual networks last.
    """
    # Only a server that a class reaches needs it: imported first, it takes 18 ms of every start.
    import ifaddr

    both = ":" in host
    primary = _primary_address()
    found = []
    for adapter in ifaddr.get_adapters():
        name = str(adapter.nice_name).lower()
        for each in adapter.ips:
            address = ipaddress.ip_address(each.ip if isinstance(each.ip, str) else each.ip[0])
            if address.is_loopback or address.is_link_local or (address.version == 6 and not both):
                continue
            order = (str(address) != primary, bool(VIRTUAL.match(name)), address.version)
            found.append((order, f"[{address}]" if address.version == 6 else str(address)))
    return tuple(dict.fromkeys(text for _, text in sorted(found, key=lambda each: each[0])))


def _primary_address() -> str | None:
    """Return the address of the default route. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))
        except OSError:  # no network, or none with a default route
            return None
        return str(probe.getsockname()[0])


def hosts_to_type(settings: Settings) -> tuple[str, ...]:
    """Return the names and addresses that other machines can type, the best one first.

    None of them if only this machine reaches the server, and if it runs in a container: other
    machines cannot reach the container's own addresses.
    """
    if is_loopback(settings.host):
        return ()
    named = tuple(
        host for host in settings.allowed_hosts if "*" not in host and not is_loopback(host)
    )
    if not settings.answers_own_addresses and (named or "*" not in settings.allowed_hosts):
        return named
    if not is_unspecified(settings.host):
        return (_in_url(settings.host),)
    if in_container():
        return ()
    return (*machine_addresses(settings.host), *(name for name in named if name.endswith(".local")))


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def in_container() -> bool:
    """Tell whether this process runs in a container of Docker or Podman."""
    return any(Path(file).exists() for file in CONTAINER_FILES)


def announcement(settings: Settings, port: int, *, colours: bool) -> str:
    """Return what is printed once the server answers; ``colours``: for a terminal, with a QR code.

    The first line names the address to open.
    """
    others = hosts_to_type(settings)
    local = "localhost" if is_unspecified(settings.host) else _in_url(settings.host)
    first, *rest = (f"http://{host}:{port}" for host in others or (local,))
    lines = [f"Backprop Explorer is at {first}  (Ctrl+C stops it)"]
    if others:
        if is_unspecified(settings.host) and (
            "localhost" in settings.allowed_hosts or "*" in settings.allowed_hosts
        ):
            rest.append(f"http://localhost:{port}")
        if rest:
            lines.append(f"Also at {', '.join(rest)}")
        lines.append(f"For a projector, with a QR code: {first}/address")
        if colours:
            lines.append(f"\n{qr_terminal(first)}")
    return "\n".join(lines)


def qr_terminal(url: str) -> str:
    """Return a QR code in block characters, two rows of modules to a line."""
    import segno  # as late as ifaddr

    text = io.StringIO()
    segno.make(url, micro=False).terminal(text, border=2, compact=True)
    begin, end = TERMINAL_COLOURS if os.name == "posix" else ("", "")
    return "".join(f"{begin}{line}{end}\n" for line in text.getvalue().splitlines())


def qr_svg(url: str) -> str:
    """Return a QR code as an inline SVG element, dark on white, with the quiet zone around it."""
    import segno  # as late as ifaddr

    code = segno.make(url, micro=False, error="m")
    return str(code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="code"))
