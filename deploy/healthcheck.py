"""The health check of the container: exit code 0 if /healthz answers 200.

It uses the port and a host name that the server's settings allow; a fixed 127.0.0.1:8000
would fail if EXPLORER_PORT or EXPLORER_ALLOWED_HOSTS is set. Standard library only,
and few modules: it runs every few seconds.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException


def allowed_name(hosts: str) -> str:
    """A Host header that ``EXPLORER_ALLOWED_HOSTS=hosts`` accepts."""
    first = next(filter(None, (host.strip() for host in hosts.split(","))), "localhost")
    # *.example.org accepts any name below example.org, and * any name.
    name = first.replace("*", "localhost")
    # An IPv6 address has brackets in a Host header.
    return f"[{name}]" if name.count(":") > 1 and not name.startswith("[") else name


def main() -> int:
    """Request /healthz from the server of this container."""
    port = int(os.environ.get("EXPLORER_PORT") or 8000)
    connection = HTTPConnection("127.0.0.1", port, timeout=4)
    name = allowed_name(os.environ.get("EXPLORER_ALLOWED_HOSTS", ""))
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
