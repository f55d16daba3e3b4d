"""Imported once by the fork server, so that a new worker has all modules and shares their memory.

Only what starts no thread and compiles nothing is imported: a thread does not survive a fork, and
neither may what LLVM has mapped. Workers import the rest when they are idle.
"""

from __future__ import annotations

import gc
import signal

# A signal to the process group must not end the parent of all workers before the server stops.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
# The collector would write to every object, and a page that is written to is no longer shared.
gc.freeze()
