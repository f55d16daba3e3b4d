"""The health check of the container: exit code 0 as soon as /healthz answers 200.

It uses the port and a host name that the server's settings allow; a fixed 127.0.0.1:8000
would fail if EXPLORER_PORT or EXPLORER_ALLOWED_HOSTS is set. A server that is starting is
asked again for 4 seconds, which costs less than a new check each second. Standard library
only, and few modules: it runs every few seconds.
"""

import os
import sys
import time
from http.client import HTTPConnection, HTTPException

# Less than the time-out of the check in the Dockerfile.
SECONDS = 4.0
PAUSE_SECONDS = 0.05


def allowed_name(hosts: str) -> str:
    """A Host header that ``EXPLORER_ALLOWED_HOSTS=hosts`` accepts."""
    first = next(filter(None, (host.strip() for host in hosts.split(","))), "localhost")
    # *.example.org accepts any name below example.org, and * any name.
    name = first.replace("*", "localhost")
    # An IPv6 address has brackets in a Host header.
    return f"[{name}]" if name.count(":") > 1 and not name.startswith("[") else name


def is_healthy(port: int, name: str, seconds: float) -> bool:
    """Whether /healthz of the server of this container answers 200 within ``seconds``."""
    connection = HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    """Ask until the server is healthy or the time is over."""
    port = int(os.environ.get("EXPLORER_PORT") or 8000)
    name = allowed_name(os.environ.get("EXPLORER_ALLOWED_HOSTS", ""))
    deadline = time.monotonic() + SECONDS
    while (left := deadline - time.monotonic()) > 0:
        if is_healthy(port, name, left):
            return 0
        time.sleep(PAUSE_SECONDS)
    return 1


if __name__ == "__main__":
    sys.exit(main())
