"""Threats 1 and 5: pages of other sites, unknown hosts, too large bodies."""

from __future__ import annotations

import orjson
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from backprop_explorer.api.known_hosts import KnownHosts
from backprop_explorer.api.response_headers import SECURITY_HEADERS, ResponseHeaders
from backprop_explorer.api.security import Compression, Refusals
from tests.api.test_errors import read
from tests.helpers.clients import Client, MakeClient

HERE = "127.0.0.1:8000"
MAX_BYTES = 2048
JSON = "application/json"


async def echo(request: Request) -> JSONResponse:
    return JSONResponse({"got": len(await request.body())})


async def numbers(request: Request) -> JSONResponse:
    return JSONResponse([0] * int(request.query_params["n"]))


async def stream(request: Request) -> StreamingResponse:
    return StreamingResponse(iter(["data: 1\n\n"] * 1000), media_type="text/event-stream")


@pytest.fixture
def guarded(make_client: MakeClient) -> Client:
    return make_client(
        Starlette(
            routes=[
                Route("/", echo, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
                Route("/numbers", numbers),
                Route("/frames/1", numbers),
                Route("/frames/1/trace", numbers),
                Route("/steps", numbers),
                Route("/stream", stream),
            ],
            middleware=[
                Middleware(ResponseHeaders),
                Middleware(
                    KnownHosts, allowed_hosts=("localhost", "127.0.0.1", "[::1]", "class.example")
                ),
                Middleware(Refusals, max_bytes=MAX_BYTES),
                Middleware(Compression),
            ],
        )  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8000", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example", 400),
        ("evil.example:8000", 400),
        ("localhost.evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost@evil.example", 400),
        ("evil.example#localhost", 400),
        ("testserver", 400),
        ("0.0.0.0:8000", 400),
        ("192.168.1.5", 400),
        ("", 400),
    ],
)
def test_only_known_hosts_are_answered(guarded: Client, host: str, status: int) -> None:
    response = guarded.get("/", headers={"Host": host})
    assert response.status_code == status
    if status == 400:
        assert "EXPLORER_ALLOWED_HOSTS" in read(response, 400)["detail"]


# (Sec-Fetch-Site, Origin, Content-Type) -> status of an unsafe method
WRITES = {
    ("same-origin", f"http://{HERE}", JSON): 200,
    ("same-origin", None, None): 200,
    ("none", None, None): 200,
    ("cross-site", "http://evil.example", JSON): 403,
    ("cross-site", f"http://{HERE}", JSON): 403,
    ("same-site", "http://127.0.0.1:9000", JSON): 403,
    ("", None, JSON): 403,
    ("unheard-of", None, JSON): 403,
    (None, f"http://{HERE}", "text/plain"): 200,
    (None, f"https://{HERE.upper()}", JSON): 200,
    (None, "http://evil.example", JSON): 403,
    (None, "http://127.0.0.1:9000", JSON): 403,
    (None, "http://127.0.0.1", JSON): 403,
    (None, f"http://{HERE}.evil.example", JSON): 403,
    (None, f"file://{HERE}", JSON): 403,
    (None, "null", JSON): 403,
    (None, "", JSON): 403,
    (None, "http://[::1", JSON): 403,
    (None, None, JSON): 200,
    (None, None, "Application/JSON; charset=utf-8"): 200,
    (None, None, "application/merge-patch+json"): 200,
    (None, None, "text/csv"): 200,
    (None, None, "text/plain"): 415,
    (None, None, "text/json"): 415,
    (None, None, "multipart/form-data; boundary=x"): 415,
    (None, None, "application/x-www-form-urlencoded"): 415,
    (None, None, "text/plain; application/json"): 415,
    (None, None, None): 415,
}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(("sent", "status"), WRITES.items())
def test_only_same_origin_requests_may_write(
    guarded: Client, method: str, sent: tuple[str | None, str | None, str | None], status: int
) -> None:
    names = ("Sec-Fetch-Site", "Origin", "Content-Type")
    headers = {name: value for name, value in zip(names, sent, strict=True) if value is not None}
    response = guarded.request(method, "/", content=b"1", headers={"Host": HERE, **headers})
    assert response.status_code == status
    if status != 200:
        read(response, status)


@pytest.mark.parametrize(
    ("origin", "forwarded", "status"),
    [
        ("http://hub.example", "hub.example", 200),
        ("https://hub.example:8443", "hub.example:8443", 200),
        ("http://hub.example", "other.example", 403),
        ("http://hub.example:81", "hub.example", 403),
        ("null", "null", 403),
        ("http://", "", 403),
    ],
)
def test_writes_through_a_proxy_that_sends_another_host(
    guarded: Client, origin: str, forwarded: str, status: int
) -> None:
    headers = {"Host": HERE, "Origin": origin, "X-Forwarded-Host": forwarded, "Content-Type": JSON}
    assert guarded.post("/", content=b"1", headers=headers).status_code == status


def test_a_forwarded_host_is_no_known_host(guarded: Client) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "localhost"}
    assert guarded.get("/", headers=headers).status_code == 400


def test_reading_is_open_to_scripts_and_links(guarded: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}
    response = guarded.get("/", headers=headers)
    assert response.status_code == 200
    # Without these the browser gives another site's script nothing of it.
    assert not [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"Host": "evil.example"}, 400),
        ("POST", {"Origin": "null"}, 403),
        ("DELETE", {}, 415),
    ],
)
def test_every_answer_has_the_security_headers(
    guarded: Client, method: str, headers: dict[str, str], status: int
) -> None:
    response = guarded.request(method, "/", headers=headers)
    assert response.status_code == status
    for name, value in SECURITY_HEADERS.items():
        assert response.headers.get_list(name) == [value]


@pytest.mark.parametrize(("size", "status"), [(0, 200), (2047, 200), (2048, 200), (2049, 413)])
def test_the_announced_size_of_a_body(guarded: Client, size: int, status: int) -> None:
    response = guarded.post("/", content=b"1" * size, headers={"Content-Type": JSON})
    assert response.status_code == status
    if status == 413:
        assert "2,048 bytes" in read(response, 413)["detail"]


def test_a_monstrous_announcement_is_refused_at_once(guarded: Client) -> None:
    headers = {"Content-Type": JSON, "Content-Length": "9" * 5000}
    read(guarded.post("/", content=b"1", headers=headers), 413)


def test_answers_above_a_kilobyte_are_compressed(guarded: Client) -> None:
    headers = {"Accept-Encoding": "gzip"}
    assert "content-encoding" not in guarded.get("/numbers?n=100", headers=headers).headers
    large = guarded.get("/numbers?n=1000", headers=headers)
    assert large.headers["content-encoding"] == "gzip"
    assert orjson.loads(large.content) == [0] * 1000


@pytest.mark.parametrize(
    ("accepted", "size", "compressed"),
    [
        ("gzip;q=0", 1000, False),
        ("gzip;q=0.001", 1000, True),
        # An answer that is not compressed would be refused, however small it is.
        ("gzip", 10, False),
        ("identity;q=0, gzip", 10, True),
        ("*;q=0, gzip", 10, True),
    ],
)
def test_the_weights_of_codings_are_respected(
    guarded: Client, accepted: str, size: int, compressed: bool
) -> None:
    response = guarded.get(f"/numbers?n={size}", headers={"Accept-Encoding": accepted})
    assert ("content-encoding" in response.headers) is compressed
    assert orjson.loads(response.content) == [0] * size
    # A cache must not give this answer to a client that accepts other codings.
    if size == 1000:
        assert response.headers["vary"] == "Accept-Encoding"


def test_frames_for_this_machine_and_event_streams_are_not_compressed(guarded: Client) -> None:
    headers = {"Accept-Encoding": "gzip"}
    several = guarded.get("/steps?n=1000&count=5", headers=headers)
    assert "content-encoding" not in several.headers
    assert "content-encoding" in guarded.get("/steps?n=1000", headers=headers).headers
    local = guarded.get("/frames/1?n=1000", headers=headers).headers
    assert "content-encoding" not in local
    assert local["vary"] == "Accept-Encoding"
    assert "content-encoding" in guarded.get("/frames/1/trace?n=1000", headers=headers).headers
    assert "content-encoding" not in guarded.get("/stream", headers=headers).headers


@pytest.mark.parametrize(
    ("headers", "compressed"),
    [
        ({"Host": "class.example"}, True),  # proxy_set_header Host $http_host
        ({"Host": "class.example:8080"}, True),
        ({"X-Forwarded-For": "192.168.1.7"}, True),
        ({"X-Forwarded-Prefix": "/user/ada/proxy/8000"}, True),
        ({"X-Real-IP": "192.168.1.7"}, True),
        ({"Forwarded": "for=192.168.1.7"}, True),
        ({"Via": "1.1 Caddy"}, True),
        ({"Connection": "close"}, True),  # nginx without any of these
        ({"Host": "127.0.0.1:8000"}, False),
        ({"Host": "[::1]:8000"}, False),
        ({"Host": "[::1]"}, False),
        ({"Host": "localhost", "Connection": "keep-alive"}, False),
    ],
)
def test_frames_through_a_proxy_on_this_machine_are_compressed(
    guarded: Client, headers: dict[str, str], compressed: bool
) -> None:
    answer = guarded.get("/frames/1?n=1000", headers={"Accept-Encoding": "gzip", **headers})
    assert answer.status_code == 200
    assert ("content-encoding" in answer.headers) == compressed
