"""Signals between the web process and the fork server."""

from __future__ import annotations

import signal
import sys

# On macOS some system libraries do not survive a fork; Windows has none.
FORKS = sys.platform == "linux"
# Tells the fork server to load what is slow to import; None where there is no fork server.
LOAD_SLOW = signal.SIGUSR1 if FORKS else None
