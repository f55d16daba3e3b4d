"""Content codings: what an Accept-Encoding header allows and prefers."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from backprop_explorer.api.content_coding import AcceptedCodings


def accepted(*values: str) -> AcceptedCodings:
    return AcceptedCodings(Headers(raw=[(b"accept-encoding", value.encode()) for value in values]))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("BR;q=0.5, gzip", "gzip"),
        ("gzip;q=0.5, br;q=0.9", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip;q=0", "identity"),
        ("br;q=0., gzip", "gzip"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;level=9;q=0", "identity"),
        ("*", "br"),
        ("*, br;q=0", "gzip"),
        ("*;q=0", "identity"),
        ("*;q=0, gzip", "gzip"),
        ("*;q=0.5, gzip;q=0", "br"),
        ("identity;q=0", "identity"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("identity, gzip;q=0.5", "identity"),
        ("identity;q=0.5, *;q=0", "identity"),
        ("", "identity"),
        (",;,", "identity"),
        ("brotli", "identity"),
        # An item with a malformed weight is ignored.
        ("br;q=2, gzip", "gzip"),
        ("br;q=-1, gzip;q=nan", "identity"),
        ("br;q=1e0", "identity"),
        ("br;q=0.0001", "identity"),
        ("br;q=٠", "identity"),
    ],
)
def test_the_coding_of_largest_weight_is_chosen(header: str, expected: str) -> None:
    raw = [(b"accept-encoding", header.encode("utf-8"))]
    assert AcceptedCodings(Headers(raw=raw)).choose(("br", "gzip")) == expected


def test_a_request_without_the_header_gets_no_coding() -> None:
    assert accepted().choose(("br", "gzip")) == "identity"
    assert accepted().identity


def test_several_headers_are_one_list() -> None:
    assert accepted("br;q=0", "gzip").choose(("br", "gzip")) == "gzip"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", True),
        ("gzip, *", True),
        ("*;q=0", False),
        ("identity;q=0", False),
        ("identity;q=0.1, *;q=0", True),
        ("identity;q=0, *", False),
    ],
)
def test_identity_is_accepted_unless_it_is_refused(header: str, expected: bool) -> None:
    assert accepted(header).identity is expected
