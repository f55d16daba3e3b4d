"""Check a student's file in a subprocess with limits, which is ended with all that it started.

Whatever the file does there, only a check that was finished gives a verdict.
"""

from __future__ import annotations

import contextlib
import hmac
import io
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import notebook as texts

# What the subprocess (``submission``) says before the student's code runs, and after the check.
READY, DONE = b"ready", b"done"
START_SECONDS, ANSWER_SECONDS, EXIT_SECONDS = 120.0, 10.0, 1.0
MAX_ANSWER_BYTES = 32 * 2**20
# Marks the processes of one check, so that those that left its session are found.
VARIABLE = "BACKPROP_EXPLORER_CHECK"
_PROGRAM = "from backprop_explorer.notebook.submission import main; main()"


def check_apart(job: Mapping[str, Any]) -> dict[str, Any]:
    """Check the ``function`` of a ``file`` with ``given``, ``time_limit`` and ``memory_limit``.

    Returns a CodeCheck as dict (``result``) and as ``text``. Raises InvalidInput saying why there
    is no verdict.
    """
    token = secrets.token_hex(16)
    process = subprocess.Popen(  # noqa: S603 - this Python
        # -P: a file of the current folder must not take the place of a library.
        [sys.executable, "-P", "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=os.environ | {VARIABLE: token},
        start_new_session=True,
    )
    answer = None
    try:
        answer = _talk(process, job)
    except Empty:
        raise InvalidInput("time-limit", texts.time_limit(job["time_limit"])) from None
    except (OSError, ValueError):
        # Its status is known a moment after its pipe has ended.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(EXIT_SECONDS)
    finally:
        _end(process, token)
    if answer is None:
        raise InvalidInput(job["function"], texts.not_finished(process.returncode))
    if "result" not in answer:
        raise InvalidInput(answer["field"], answer["message"])
    return answer


def _talk(process: subprocess.Popen[bytes], job: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer. Raises Empty if it takes too long, OSError or ValueError if it ends."""
    assert process.stdin is not None
    assert process.stdout is not None
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    # Known to the subprocess only after the check: the student's code cannot have sent it.
    secret = secrets.token_hex(32).encode()
    with io.BufferedWriter(process.stdin) as asked:
        asked.write(json.dumps(job).encode() + b"\n")
        asked.flush()
        if lines.get(timeout=START_SECONDS) != READY:
            raise ValueError
        if lines.get(timeout=job["time_limit"]) != DONE:
            raise ValueError
        asked.write(secret + b"\n")
    line = lines.get(timeout=ANSWER_SECONDS)
    if not hmac.compare_digest(line[: len(secret)], secret):
        raise ValueError
    answer: dict[str, Any] = json.loads(line[len(secret) :])
    return answer


def _read(stream: IO[bytes], lines: SimpleQueue[bytes]) -> None:
    """Put the three lines of an answer into ``lines``, and b"" where the stream ends."""
    data = b""
    with stream:
        for _ in range(3):
            while b"\n" not in data and len(data) < MAX_ANSWER_BYTES:
                part = stream.read(2**16)
                if not part:
                    lines.put(b"")
                    return
                data += part
            line, _, data = data.partition(b"\n")
            lines.put(line)


def _end(process: subprocess.Popen[bytes], token: str) -> None:
    """End the process, those of its session, and on Linux those that left the session."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    marked, left = f"{VARIABLE}={token}".encode(), True
    while left:  # what is killed may just have started another
        left = False
        for environment in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if marked in environment.read_bytes():
                    os.kill(int(environment.parent.name), signal.SIGKILL)
                    left = True
