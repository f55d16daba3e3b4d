"""The addresses that the program prints and shows, for machines with other networks than ours."""

from __future__ import annotations

import re
import socket
from types import SimpleNamespace
from typing import Any

import pytest
import segno

from backprop_explorer.api.prefix import PREFIX
from backprop_explorer.settings import load_settings
from backprop_explorer.web import addresses
from backprop_explorer.web.addresses import (
    announcement,
    hosts_to_type,
    machine_addresses,
    qr_svg,
    qr_terminal,
)
from backprop_explorer.web.pages import LENGTHS, shown_at


def adapter(name: str, *ips: str | tuple[str, int, int]) -> Any:
    return SimpleNamespace(nice_name=name, ips=[SimpleNamespace(ip=ip) for ip in ips])


ADAPTERS = [
    adapter("lo", "127.0.0.1", ("::1", 0, 0)),
    adapter("docker0", "172.17.0.1"),
    adapter("eth1", "10.0.0.7", ("fe80::1", 0, 2), ("fd00::7", 0, 0)),
    adapter("wlan0", "192.168.1.5", "169.254.3.4"),
]


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop named desk on a wireless network, not in a container."""
    monkeypatch.setattr("ifaddr.get_adapters", lambda: ADAPTERS)
    monkeypatch.setattr("socket.gethostname", lambda: "desk")
    monkeypatch.setattr(addresses, "_primary_address", lambda: "192.168.1.5")
    monkeypatch.setattr(addresses, "CONTAINER_FILES", ())


def test_the_default_route_comes_first_and_virtual_networks_last() -> None:
    assert machine_addresses("0.0.0.0") == ("192.168.1.5", "10.0.0.7", "172.17.0.1")
    assert machine_addresses("::") == ("192.168.1.5", "10.0.0.7", "[fd00::7]", "172.17.0.1")


def test_a_machine_without_a_default_route(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.undo()
    monkeypatch.setattr("ifaddr.get_adapters", lambda: ADAPTERS)
    monkeypatch.setattr(socket.socket, "connect", unreachable)
    assert machine_addresses() == ("10.0.0.7", "192.168.1.5", "172.17.0.1")


def test_this_machine_has_no_loopback_among_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert not [each for each in machine_addresses("::") if each.startswith(("127.", "[::1", "fe"))]


OWN = ("192.168.1.5", "10.0.0.7", "172.17.0.1")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ()),
        ({"host": "localhost"}, ()),
        ({"host": "0.0.0.0"}, (*OWN, "desk.local")),
        ({"host": "10.0.0.7"}, ("10.0.0.7",)),
        ({"host": "fd00::7"}, ("[fd00::7]",)),
        ({"host": "0.0.0.0", "allowed_hosts": "a.example:8000,localhost"}, ("a.example",)),
        ({"host": "0.0.0.0", "allowed_hosts": "localhost"}, ()),
        ({"host": "0.0.0.0", "allowed_hosts": "*.a.example"}, ()),
        ({"host": "0.0.0.0", "allowed_hosts": "*"}, OWN),
        ({"host": "10.0.0.7", "allowed_hosts": "*"}, ("10.0.0.7",)),
        ({"host": "fd00::7", "allowed_hosts": "*"}, ("[fd00::7]",)),
    ],
)
def test_what_other_machines_can_type(given: dict[str, str], expected: tuple[str, ...]) -> None:
    assert hosts_to_type(load_settings(**given)) == expected


def test_the_addresses_of_a_container_are_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(addresses, "CONTAINER_FILES", (str(tmp_path),))
    assert hosts_to_type(load_settings(host="0.0.0.0")) == ()
    named = load_settings(host="0.0.0.0", allowed_hosts="192.168.1.5,localhost")
    assert hosts_to_type(named) == ("192.168.1.5",)


def test_what_is_printed() -> None:
    alone = announcement(load_settings(), 8000, colours=True)
    assert alone == "Backprop Explorer is at http://127.0.0.1:8000  (Ctrl+C stops it)"
    assert "http://[::1]:8000 " in announcement(load_settings(host="::1"), 8000, colours=False)
    text = announcement(load_settings(host="0.0.0.0"), 8000, colours=False)
    others = (*OWN[1:], "desk.local", "localhost")
    assert text.splitlines() == [
        "Backprop Explorer is at http://192.168.1.5:8000  (Ctrl+C stops it)",
        f"Also at {', '.join(f'http://{host}:8000' for host in others)}",
        "For a projector, with a QR code: http://192.168.1.5:8000/address",
    ]


def test_a_terminal_gets_a_qr_code_in_its_own_colours() -> None:
    text = announcement(load_settings(host="0.0.0.0"), 8000, colours=True)
    code = qr_terminal("http://192.168.1.5:8000")
    assert text.endswith(f"\n\n{code}")
    bare = re.sub(r"\x1b\[[\d;]*m", "", code).splitlines()
    assert {len(line) for line in bare} == {len(bare[0])}
    assert set("".join(bare)) <= set("█▀▄ ")
    # Every module, the quiet zone included, is where segno's own matrix has it.
    matrix = segno.make("http://192.168.1.5:8000", micro=False).matrix
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    columns = [[halves[each] for each in line] for line in bare]
    rows = [[pair[half] for pair in line] for line in columns for half in (0, 1)]
    inner = [row[2:-2] for row in rows[2 : 2 + len(matrix)]]
    assert inner == [list(row) for row in matrix]


def scope(**headers: str) -> dict[str, Any]:
    prefix = headers.pop("prefix", "")
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "scheme": "http", "headers": raw, PREFIX: prefix}


def test_an_address_that_opened_the_page_comes_first() -> None:
    settings = load_settings(host="0.0.0.0")
    local = shown_at(scope(host="localhost:9000"), settings, "")
    assert local.address is not None
    # The browser's port: a container may be published at another one than it listens on.
    assert local.address.rest == "192.168.1.5:9000"
    assert local.address.svg == qr_svg("http://192.168.1.5:9000/")
    assert [host for host, _ in local.others] == [
        "10.0.0.7:9000",
        "172.17.0.1:9000",
        "desk.local:9000",
    ]
    other = shown_at(scope(host="10.0.0.7:9000"), settings, "")
    assert other.address is not None
    assert other.address.rest == "10.0.0.7:9000"


def test_only_an_address_of_the_list_can_be_chosen() -> None:
    settings = load_settings(host="0.0.0.0")
    for wanted, shown in (
        ("desk.local:9000", "desk.local:9000"),
        ("evil.example", OWN[0] + ":9000"),
    ):
        found = shown_at(scope(host="localhost:9000"), settings, wanted).address
        assert found is not None
        assert found.rest == shown


def test_behind_a_proxy_its_own_address_is_shown() -> None:
    settings = load_settings()
    found = shown_at(
        scope(host="127.0.0.1:8401", x_forwarded_host="hub.example", prefix="/user/a"), settings, ""
    )
    assert found.address is not None
    assert (found.address.scheme, found.address.rest) == ("http://", "hub.example/user/a")
    assert found.others == []


@pytest.mark.parametrize("host", ["", "a b", '"><script>', "a/b", "a@b", "a:b", "[::1", "\u00e9"])
def test_a_host_that_is_none_is_not_shown(host: str) -> None:
    assert shown_at(scope(host=host), load_settings(), "").address is None


def test_a_loopback_server_has_nothing_to_show() -> None:
    assert shown_at(scope(host="127.0.0.1:8000"), load_settings(), "").address is None


@pytest.mark.parametrize(
    ("characters", "length"), [(10, 16), (16, 16), (17, 20), (48, 48), (90, 48)]
)
def test_the_size_of_the_type_follows_the_length(characters: int, length: int) -> None:
    found = shown_at(scope(host="a" * (characters - 7)), load_settings(), "").address
    assert found is not None
    assert found.length == length
    assert length in LENGTHS
