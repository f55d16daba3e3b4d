"""Workers come from a process that has imported all they need, so that they are there at once.

It is a fork of the server, taken right after the server's own imports, which take half a second of
computing; when it has died, another is started afresh: ``python -m app.nursery DESCRIPTOR``. It
ends, and its workers with it, when its socket does, so also when the server is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import signal
import socket
import struct
import sys

# 0 with a socket's descriptor beside it: a worker for that socket, please, and its process id.
# Any other number: end the worker that has this process id.
_MESSAGE = struct.Struct(">i")
# Elsewhere some of the system's libraries do not survive a fork: workers are started afresh there.
_FORKS = sys.platform == "linux"
STOP_SECONDS = 1.0
# It answers at once when it has made its imports.
ANSWER_SECONDS = 30.0
# Imported by its name, since it imports the application, which imports this.
WORKER = "app.worker"


class Nursery:
    """The server's side. ``forked`` while this process has a single thread and no event loop."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._pid = 0
        self._asking = asyncio.Lock()

    @classmethod
    def forked(cls, *others: socket.socket) -> Nursery:
        """One that is ready. The fork closes ``others``, so that they close with the server."""
        made = cls()
        if not _FORKS:
            return made
        importlib.import_module(WORKER)
        ours, theirs = socket.socketpair()
        # What is there by now is left alone by the collector and so stays shared memory.
        gc.freeze()
        made._pid = os.fork()
        if made._pid == 0:
            try:
                for each in (ours, *others):
                    each.close()
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                _tend(theirs)
            finally:
                os._exit(0)
        theirs.close()
        made._take(ours)
        return made

    @property
    def pid(self) -> int | None:
        """The process."""
        return None if self._control is None else self._pid

    def _take(self, control: socket.socket) -> None:
        control.setblocking(False)
        self._control = control

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.set_inheritable(True)
            self._pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-m", "app.nursery", str(theirs.fileno())],
                os.environ,
            )
        self._take(ours)

    async def start(self, end: socket.socket) -> int:
        """The process id of a new worker at ``end``. Raises OSError or EOFError where none came."""
        async with self._asking:
            if self._control is None:
                self._spawn()
            control = self._control
            assert control is not None
            try:
                socket.send_fds(control, [_MESSAGE.pack(0)], [end.fileno()])
                received = asyncio.get_running_loop().sock_recv(control, _MESSAGE.size)
                answer = await asyncio.wait_for(received, ANSWER_SECONDS)
                if len(answer) < _MESSAGE.size:
                    raise EOFError
            except (OSError, EOFError):
                self._drop()
                raise
            pid: int = _MESSAGE.unpack(answer)[0]
            return pid

    def end(self, pid: int) -> None:
        """End a worker, if it is still there."""
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.send(_MESSAGE.pack(pid))

    def leave(self) -> None:
        """End it before it has any workers, without an event loop."""
        self._drop()

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
            # It has ended, or is about to, unless it hangs.
            with contextlib.suppress(ChildProcessError, ProcessLookupError):
                if os.waitpid(self._pid, os.WNOHANG) == (0, 0):
                    os.kill(self._pid, signal.SIGKILL)
                    os.waitpid(self._pid, 0)

    async def close(self) -> None:
        """End it with all its workers."""
        if self._control is not None:
            with contextlib.suppress(OSError, TimeoutError):
                self._control.shutdown(socket.SHUT_WR)
                loop = asyncio.get_running_loop()
                while await asyncio.wait_for(loop.sock_recv(self._control, 1), STOP_SECONDS):
                    pass
            self._drop()


def _tend(control: socket.socket) -> None:
    """Start and end workers until the server has gone, then end them all."""
    # Ctrl+C goes to the whole group: the server decides what ends when.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    workers: set[int] = set()
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE.size, 1)
        except OSError:
            message = b""
        # A process id that has been waited for may be somebody else's by now.
        workers -= {pid for pid in workers if os.waitpid(pid, os.WNOHANG)[0] == pid}
        if len(message) < _MESSAGE.size:
            break
        if descriptors:
            pid = _start(descriptors[0], control)
            workers.add(pid)
            control.send(_MESSAGE.pack(pid))
        elif (pid := _MESSAGE.unpack(message)[0]) in workers:
            os.kill(pid, signal.SIGKILL)
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    for pid in workers:
        os.waitpid(pid, 0)


def _start(descriptor: int, control: socket.socket) -> int:
    """Start a worker at ``descriptor`` and return its process id."""
    if _FORKS:
        pid = os.fork()
        if pid == 0:
            try:
                control.close()
                importlib.import_module(WORKER).work(descriptor)
            finally:
                os._exit(0)
    else:
        os.set_inheritable(descriptor, True)
        command = [sys.executable, "-m", WORKER, str(descriptor)]
        pid = os.posix_spawn(sys.executable, command, os.environ)
    os.close(descriptor)
    return pid


def main() -> None:
    """Serve the socket that was given."""
    control = socket.socket(fileno=int(sys.argv[1]))
    if _FORKS:
        importlib.import_module(WORKER)
        gc.freeze()
    _tend(control)


if __name__ == "__main__":
    main()
