"""A reverse proxy that serves a server below a path, as jupyter-server-proxy and nginx do."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# Headers of one connection, which a proxy does not pass on.
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer"})


@contextmanager
def prefix_proxy(
    target: str, prefix: str, *, strip: bool = True, keep_host: bool = True, **forwarded: str
) -> Iterator[str]:
    """Serve ``target`` below ``prefix`` on a free port; yield the URL without a slash at the end.

    ``strip``: requests are passed on without the prefix. ``forwarded``: headers that are added,
    with underscores for hyphens. Paths outside of the prefix are 404, as those of another program.
    """
    address = urlsplit(target).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path != prefix and not self.path.startswith(f"{prefix}/"):
                self.send_error(404)
                return
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
            headers |= {name.replace("_", "-"): value for name, value in forwarded.items()}
            if not keep_host:
                headers["Host"] = address
            path = (self.path.removeprefix(prefix) or "/") if strip else self.path
            upstream = http.client.HTTPConnection(address, timeout=60)
            upstream.request(self.command, path, body or None, headers)
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP | {"content-length", "date", "server"}:
                    self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            # The browser may leave a page before all of it is there.
            with suppress(ConnectionError):
                self.wfile.write(content)

        do_GET = do_POST = do_HEAD = _pass_on  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
