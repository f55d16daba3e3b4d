"""Raw requests that no client should send: a corpus for a server that must answer all of it.

``corpus`` takes the routes and their examples from the OpenAPI document, so that a new route is
attacked as soon as it is there; ``mutated`` goes on from the corpus for as long as one likes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

HOST = "127.0.0.1"
DEEP = 200_000
MARK = b'"@@@"'

# As they stand in JSON.
NUMBERS = [
    *(b"1e999", b"-1e999", b"NaN", b"Infinity", b"-Infinity", b"9" * 5000, b"-" + b"9" * 5000),
    *(b"0." + b"1" * 5000, b"1e-999", b"5e-324", b"1.7976931348623157e308", b"9007199254740993"),
    *(b"18446744073709551616", b"-0", b"-1", b"0", b"1e2", b"1.5", b"00", b"01", b"+1", b".5"),
    *(b"1.", b"0x10", b"1_000", b"--1", b"1e", b"\xd9\xa1"),
]
VALUES = [
    *NUMBERS,
    *(b"null", b"true", b"false", b"[]", b"{}", b"[[]]", b'""', b'"\\u0000"', b'"\\ud800"'),
    *(b'"\\udc00\\ud800"', b'"\xff\xfe"', b'"\xed\xa0\x80"', b'"\xc0\xaf"', b'"\\', b'"', b"'x'"),
    *(b'"' + b"x" * 100_000 + b'"', b'"\xe2\x80\xae<script>alert(1)</script>"', b"undefined"),
    *(b"[" * 1100 + b"]" * 1100, b"[" + b"0," * 2000 + b"0]", b'{"a":1,"a":2}', b'{"__proto__":1}'),
    *(
        b"/*x*/1",
        b"1,",
        b"1]",
        b"\x00",
        b'"1e999"',
        b'"NaN"',
        b"[null]",
        b"[[1],[1,2]]",
        b"[1e308]",
    ),
]
DEPTHS = [b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":' * DEEP, b'{"x":' + b"[" * DEEP]
QUERY_VALUES = [
    *("", "-1", "0", "1", "1.5", "1e3", "1e999", "NaN", "inf", "9" * 5000, "-" + "9" * 5000),
    *("9007199254740993", "18446744073709551616", "true", "null", "[]", "{}", "batch", "%00"),
    *("%ff", "%ed%a0%80", "%c0%af", "%e2%80%ae", "%0d%0aX:%20y", "../../etc/passwd", "x" * 3000),
    *("W1[0,0]", "W0[0]", "W999999999[0,0]", "b1[-1]", "W1[" + "9" * 5000 + ",0]", ",,,", "0,0"),
    *("99999,99999", "0,1,2", "%3Cscript%3E", "%27;--", "%u0041", "+", "%20", "a&a=b", "a%26b"),
    *("%D9%A1", "1_000", "0x10", "1000000", "1000000000", "frames", "parameters,,boundary", "%"),
]
TYPES = [
    *("", "application/json", "Application/JSON; charset=utf-16", "application/json; charset=\xff"),
    *("application/merge-patch+json", "text/plain", "text/csv", "text/csv; charset=utf-7"),
    *("multipart/form-data", "multipart/form-data; boundary=x", "application/xml", "*/*", "json"),
    *("application/x-www-form-urlencoded", "application/octet-stream", "application/json" * 100),
    *("application/vnd.api+json", "/", "application/", "+json", "application/json, text/csv"),
]
METHODS = [
    *("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "QUERY", "get"),
    *("post", "Get", "GE T", "G\x00T", "\xff", "X" * 5000, "", "PRI", "M-SEARCH", "GET\t", "{}"),
]
PATHS = [
    *("/../../etc/passwd", "/static/../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "//"),
    *("/static/..%2f..%2fetc%2fpasswd", "/static/%252e%252e/app/main.py", "/static/js/%00.js"),
    *("/static/....//....//etc/passwd", "/static/..\\..\\etc\\passwd", "/static//etc/passwd"),
    *("/static/%c0%ae%c0%ae/", "/%ff", "/%", "/%zz", "/%00", "/a%0d%0ab", "/" + "a" * 60_000),
    *("/" + "a/" * 5000, "/api/v1", "/api/v1/", "/api/v1//catalog", "/api/v1/../v1/catalog"),
    *("/api/v1/experiments/%2e%2e", "/api/v1/experiments/" + "f" * 5000, "/API/V1/CATALOG", "*"),
    *("/api/v1/experiments/%66%66", "/api/v1/experiments/ffffffffffffffffffff%0a", "/;a=b", "/?"),
    *("/api/v1/catalog;x", "/api/v1/catalog/", "/api/v1/catalog%2f", "/api/v1/catalog#x", "x"),
    *("http://evil.example/", "http://evil.example:80/api/v1/catalog", "//evil.example/", "?"),
    *("/docs/../healthz", "/metrics?name[]=x", "/healthz/..", "/\xe9", "/\u202e", "/check?x=%ff"),
    *("/.git/config", "/app/main.py", "/static/.git/config", "/?%ff=%ff", "/?" + "a=b&" * 3000),
]
HEADERS = [
    *(b"X: " + b"a" * 8000, b"X: " + b"a" * 100_000, b"X: " + b"a" * 1_000_000, b"Cookie: " * 500),
    *(b"\r\n".join(b"X-%d: y" % n for n in range(n)) for n in (50, 1000, 20_000)),
    *(b"X : y", b" X: y", b"X: a\r\n b", b"X: a\x00b", b"X: \xff\xfe", b"\xff: x", b": x", b"X"),
    *(b"Content-Length: -1", b"Content-Length: x", b"Content-Length: " + b"9" * 5000),
    *(b"Content-Length: 1\r\nContent-Length: 2", b"Content-Length: 1, 1", b"Content-Length: 0x1"),
    *(b"Content-Length: 18446744073709551617", b"Transfer-Encoding: chunked, chunked"),
    *(b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked\r\nContent-Length: 5"),
    *(b"Transfer-Encoding: xchunked", b"Expect: 100-continue", b"Expect: x", b"Upgrade: h2c"),
    *(
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13",
        b"Range: bytes=9-1",
    ),
    *(b"Range: bytes=0-0,1-1,2-2" + b",3-3" * 2000, b"If-None-Match: *", b"If-Range: x"),
    *(b"If-Modified-Since: Thu, 99 Foo 9999", b"Accept-Encoding: gzip;q=x, br;q=nan, *;q=2"),
    *(b"Accept: " + b"a/b," * 5000, b"Connection: close, close", b"Connection: \x01"),
    *(b"Host: evil.example", b"Host: 127.0.0.1:99999999", b"Host: [::1", b"Host: \xff", b"Host:"),
    *(b"Origin: http://[::1", b"Origin: \xff", b"Sec-Fetch-Site: \xff", b"X-Request-Id: \xff"),
    *(b"X-Request-Id: " + b"a" * 65, b"X-Forwarded-For: 1.2.3.4", b"Content-Encoding: gzip"),
    *(b"Forwarded: for=x", b"X-HTTP-Method-Override: DELETE", b"Authorization: Basic \xff"),
]
CHUNKS = [
    *(b"0\r\n\r\n", b"5\r\n{}\r\n0\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n", b"g\r\n", b"-1\r\n{}\r\n"),
    *(
        b"ffffffffffffffffffff\r\n",
        b"2;" + b"x" * 9000 + b"\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}0\r\n\r\n",
    ),
    *(
        b"2\r\n{}\r\n0\r\nX: y\r\n\r\n",
        b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 9000 + b"\r\n",
        b"2\n{}\n0\n\n",
    ),
    *(
        b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        b"100000\r\n" + b" " * 0x100000 + b"\r\n",
        b"0" * 9000 + b"\r\n",
    ),
]
LINES = [
    *(b"GET / HTTP/0.9", b"GET / HTTP/1.0", b"GET / HTTP/2.0", b"GET / HTTP/9.9", b"GET /", b"GET"),
    *(
        b"GET  /  HTTP/1.1",
        b"GET / HTTP/1.1 x",
        b"GET / http/1.1",
        b"GET / HTTP/1.1\x00",
        b" GET / H",
    ),
    *(
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 999,
    ),
    *(
        b"SSH-2.0-x",
        b"EHLO x",
        b"*1\r\n$4\r\nPING",
        b"\r\n\r\n\r\n",
        b"\n\n",
        b"\xff" * 70_000,
        b"a" * 70_000,
    ),
]
TABLES = [
    *(b"", b"\n", b",", b"a", b"a,b\n1,2", b"a,b\n1", b"a,b\n1,2,3", b"a,a\n1,2\n3,4", b"\xff\xfe"),
    *(
        b"\xff\xfea\x00,\x00b",
        b"\xef\xbb\xbfa,b\n1,2\n2,3",
        b'"a',
        b'a,"b\n1,2',
        b"a;b\n1,5;2\n3;4",
    ),
    *(
        b"a,b\n1e999,2\n1,2",
        b"a,b\nNaN,1\n2,3",
        b"a,b\n" + b"9" * 5000 + b",1\n2,3",
        b"\x00,\x00\n1,2",
    ),
    *(
        b"=1+1,b\n1,2\n3,4",
        b"a,b\n=cmd|' /C calc'!A0,1\n2,3",
        b"<b>,b\n1,x\n2,y",
        b"a,b\n" + b"1,2\n" * 20_000,
    ),
    *(
        b",".join(b"c%d" % n for n in range(5000)) + b"\n",
        b"a,b\n" + b"x" * 500_000 + b",1\n",
        b"a,b\r1,2\r3,4",
    ),
    *(
        b"PK\x03\x04" + b"\x00" * 200,
        b"\x80\x04\x95cposix\nsystem\n.",
        b"\x93NUMPY\x01\x00",
        b"a\tb\n1\t2\n3\t4",
    ),
]


@dataclass(frozen=True, slots=True)
class Attack:
    """One connection's worth of bytes."""

    kind: str
    content: bytes


def request(
    method: str,
    target: str,
    body: bytes | None = None,
    content_type: str | None = "application/json",
    *headers: bytes,
    host: bool = True,
) -> bytes:
    """A request that asks for the connection to be closed after the answer."""
    lines = [f"{method} {target} HTTP/1.1".encode("utf-8", "surrogateescape")]
    if host:
        lines.append(f"Host: {HOST}".encode())
    if body is not None:
        lines.append(b"Content-Length: %d" % len(body))
        if content_type is not None:
            lines.append(b"Content-Type: " + content_type.encode("latin-1"))
    return b"\r\n".join([*lines, b"Connection: close", *headers, b"", body or b""])


def corpus(document: dict[str, Any]) -> Iterator[Attack]:
    """All that is tried on purpose; ``document`` is the OpenAPI document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "post":
                yield from _bodies(_target(path, operation), operation)
            yield from _targets(method.upper(), path, operation)
            for other in METHODS:
                yield Attack("methods", request(other, _target(path, operation), b"{}"))
    yield from _malformed()
    for table in TABLES:
        for query in (
            "",
            "?target=a",
            "?header=false",
            "?task=regression",
            "?features=a&features=",
        ):
            target = f"/api/v1/datasets{query}"
            yield Attack("tables", request("POST", target, table, "text/csv"))
            text = json.dumps({"csv": table.decode("latin-1")}).encode()
            yield Attack("tables", request("POST", target, text))


def _malformed() -> Iterator[Attack]:
    """Paths, headers, chunks and request lines: HTTP itself, and what is only nearly so."""
    for path in PATHS:
        for method in ("GET", "POST", "HEAD"):
            yield Attack("paths", request(method, path, b"{}" if method == "POST" else None))
    for header in HEADERS:
        own_host = not header.startswith(b"Host")
        for target in ("/api/v1/catalog", "/", "/static/js/main.js"):
            yield Attack("headers", request("GET", target, None, None, header, host=own_host))
        # With a body, which has a length and a type already.
        yield Attack("headers", request("POST", "/api/v1/trace", b"{}", None, header))
    for chunks in CHUNKS:
        for target in ("/api/v1/trace", "/api/v1/datasets", "/"):
            kind = b"Content-Type: application/json\r\nTransfer-Encoding: chunked"
            head = request("POST", target, None, None, kind)
            yield Attack("chunks", head + chunks)
    for line in LINES:
        yield Attack("request lines", line + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        yield Attack("request lines", line)


def _bodies(target: str, operation: dict[str, Any]) -> Iterator[Attack]:
    content = operation["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        whole = json.dumps(example["value"]).encode()
        for changed in _changed(example["value"]):
            for value in VALUES:
                body = changed.replace(MARK, value)
                yield Attack("values", request("POST", target, body))
        for at in range(0, len(whole), max(1, len(whole) // 60)):
            yield Attack("cut JSON", request("POST", target, whole[:at]))
            # Less than was announced; the corpus closes its side after that.
            yield Attack("cut bodies", request("POST", target, whole)[: -len(whole) + at])
        for kind in TYPES:
            yield Attack("types", request("POST", target, whole, kind))
        for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7", "cp037"):
            body = whole.decode().encode(encoding)
            yield Attack("encodings", request("POST", target, body))
    for value in (*VALUES, *DEPTHS, b"", b" ", b"{} {}", b"{}x", b"\x1f\x8b\x08", b" " * 5_000_000):
        yield Attack("bodies", request("POST", target, value))
    for body in (b"", b"{}"):
        yield Attack("types", request("POST", target, body, None))


def _changed(example: Any) -> Iterator[bytes]:
    """The example with each of its places in turn replaced by a mark."""
    places = list(_places(example, ()))
    # A matrix has many places that are alike.
    for place in places[:: max(1, len(places) // 25)]:
        copy = json.loads(json.dumps(example))
        inner = copy
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = "@@@"
        yield json.dumps(copy).encode()


def _places(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(inner, (*place, step))


def _targets(method: str, path: str, operation: dict[str, Any]) -> Iterator[Attack]:
    body = b"{}" if method == "POST" else None
    for parameter in operation.get("parameters", []):
        for value in QUERY_VALUES:
            changed = _target(path, operation, {parameter["name"]: value})
            if parameter["in"] == "query":
                changed += f"?{parameter['name']}={value}"
            yield Attack("parameters", request(method, changed, body))


def _target(path: str, operation: dict[str, Any], given: dict[str, str] | None = None) -> str:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            name = parameter["name"]
            [example] = parameter["schema"]["examples"]
            value = (given or {}).get(name, quote(str(example)))
            path = path.replace(f"{{{name}}}", value)
    return path


def mutated(attacks: list[Attack], seed: int) -> Iterator[Attack]:
    """Without end: attacks with bytes changed, doubled, dropped, and two joined in the middle."""
    rng = random.Random(seed)
    short = [attack for attack in attacks if len(attack.content) < 20_000]
    while True:
        content = bytearray(rng.choice(short).content)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(content) + 1)
            match rng.randrange(5):
                case 0:
                    content[at : at + 1] = rng.randbytes(1)
                case 1:
                    content[at : at + rng.randint(1, 40)] = b""
                case 2:
                    content[at:at] = content[at : at + rng.randint(1, 200)]
                case 3:
                    content[at:at] = rng.choice(VALUES[:60])
                case 4:
                    other = rng.choice(short).content
                    content[at:] = other[rng.randrange(len(other)) :]
        yield Attack("mutated", bytes(content))
