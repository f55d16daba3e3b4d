"""The command line: ``python -m backprop_explorer``, or ``backprop-explorer`` once installed."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import socket
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backprop_explorer import __version__

if TYPE_CHECKING:
    from backprop_explorer.settings import Settings

# Several threads per matrix product cost more than they bring at these sizes, and would multiply
# with the number of requests. NumPy reads this once, when it is imported.
THREAD_VARIABLES = (
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is stopped, or another command; return the exit code."""
    given_arguments = sys.argv[1:] if arguments is None else list(arguments)
    for variable in THREAD_VARIABLES:
        os.environ.setdefault(variable, "1")
    if given_arguments[:1] == ["check"]:
        from backprop_explorer.notebook.command import main as check

        return check(given_arguments[1:])
    if given_arguments[:1] == ["lesson"]:
        return _lesson(_parse_lesson(given_arguments[1:]))
    return _run(_parse(given_arguments))


def _run(options: argparse.Namespace) -> int:
    """Run the server with what the command line gives."""

    # Imported only now: --version and --help answer at once, and the threads are set before NumPy.
    from backprop_explorer.compute.logs import set_up_logging
    from backprop_explorer.host_names import ignored_ports
    from backprop_explorer.settings import ConfigurationError, load_settings

    given = {name: value for name, value in vars(options).items() if value is not None}
    try:
        settings = load_settings(**given)
    except ConfigurationError as error:
        print(f"backprop-explorer: {error}", file=sys.stderr)
        return 2
    for host in ignored_ports(os.environ.get("EXPLORER_ALLOWED_HOSTS", "")):
        print(f"EXPLORER_ALLOWED_HOSTS: the port of {host} is ignored", file=sys.stderr)
    set_up_logging(settings.log_level)
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        print(_why_not(error, settings.host, settings.port), file=sys.stderr)
        return 1
    return _serve(settings, listener)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="backprop-explorer",
        description="Every line of backpropagation, with its numbers and its proof, in a browser.",
        epilog="Other commands, each with --help: backprop-explorer check (a student's function), "
        "backprop-explorer lesson (write lessons). EXPLORER_… environment variables set these "
        "and more; the command line wins.",
    )
    parser.add_argument(
        "--host", help="address to listen on (default 127.0.0.1: this machine only)"
    )
    parser.add_argument("--port", type=int, help="port to listen on (default 8000; 0: a free one)")
    parser.add_argument(
        "--log-level",
        choices=("critical", "error", "warning", "info", "debug"),
        help="least severe message to log (default warning; info logs every request)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        help="processes that compute (default: one for each processor; 0: none beside the server)",
    )
    parser.add_argument("--version", action="version", version=f"Backprop Explorer {__version__}")
    return parser.parse_args(arguments)


def _parse_lesson(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="backprop-explorer lesson", description="Write lessons: docs/lessons.md."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    new = commands.add_parser("new", help="write a lesson to begin with")
    new.add_argument("name", help="such as my-lesson")
    new.add_argument("--folder", default=".", help="where to write it (default: here)")
    check = commands.add_parser("check", help="say what is wrong with lessons")
    preview = commands.add_parser("preview", help="serve lessons; a changed file is read again")
    for command in (check, preview):
        command.add_argument("folder", help="a folder with lessons, or a file")
    moodle = commands.add_parser("moodle", help="print the questions of lessons as Moodle XML")
    moodle.add_argument(
        "name", help="a lesson, such as one-layer-by-hand, a folder with lessons, or a file"
    )
    moodle.add_argument(
        "--variants", type=int, default=0, help="a category for each card with so many seeds"
    )
    marks = commands.add_parser("marks", help="mark saved progress again, and print a table")
    marks.add_argument("files", nargs="+", help="files that students saved below the list")
    marks.add_argument("--format", choices=("plain", "moodle", "canvas"), default="plain")
    marks.add_argument("--lesson", action="append", help="only this lesson (may be repeated)")
    marks.add_argument("--hint", type=float, default=1.0, help="points after a hint (default 1)")
    marks.add_argument(
        "--shown", type=float, default=0.0, help="points if the answer was shown (default 0)"
    )
    for command in (check, preview, moodle):
        command.add_argument(
            "--python", action="store_true", help="run the Python files beside the lessons"
        )
    moodle.add_argument("--seed", default="1", help="any text: it decides the numbers (default 1)")
    preview.add_argument("--port", type=int, help="port to listen on (default 8000; 0: a free one)")
    return parser.parse_args(arguments)


def _lesson(options: argparse.Namespace) -> int:
    """Run ``backprop-explorer lesson``."""
    from pathlib import Path

    from backprop_explorer.lessons.authoring import check_lessons, new_lesson
    from backprop_explorer.lessons.reading.error import LessonError

    if options.command == "moodle":
        return _moodle(options)
    if options.command == "marks":
        return _marks(options)
    if options.command == "new":
        try:
            path = new_lesson(options.name, Path(options.folder))
        except LessonError as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{path}\nbackprop-explorer lesson preview {path.parent} shows it.")
        return 0
    folder = Path(options.folder)
    count, problems = check_lessons(folder, python=options.python)
    for problem in problems:
        print(problem, file=sys.stderr)
    if options.command == "check":
        found = f"{len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}"
        print(f"{count} lesson{'' if count == 1 else 's'}, {found}")
        return 1 if problems else 0
    if not count:
        return 1
    served = {
        "folders": (str(folder if folder.is_dir() else folder.parent),),
        "reload": True,
        # An author reads every card without answering those before it.
        "solutions": "always",
    }
    print("The lessons are at the end of /lessons; reload the page after a change.")
    return _run(
        argparse.Namespace(port=options.port, lessons=served, lessons_python=options.python)
    )


def _marks(options: argparse.Namespace) -> int:
    """Print the marks of saved progress; 1 if a file or lesson cannot be read."""
    from pathlib import Path

    from backprop_explorer.engine.errors import InvalidInput
    from backprop_explorer.lessons import marks
    from backprop_explorer.lessons.library import Library
    from backprop_explorer.lessons.reading.error import LessonError, one_of
    from backprop_explorer.settings import ConfigurationError, load_settings

    try:
        known = Library.of(load_settings()).lessons()
    except (ConfigurationError, LessonError) as error:
        print(f"backprop-explorer: {error}", file=sys.stderr)
        return 1
    for name in options.lesson or ():
        if name not in known:
            print(f"there is no lesson {name}; {one_of(known, name)}", file=sys.stderr)
            return 1
    points, found, status = marks.Points(options.hint, options.shown), [], 0
    for file in options.files:
        try:
            found.append(marks.marks_of(Path(file), known, points))
        except InvalidInput as error:
            print(f"backprop-explorer: {error.field}: {error.message}", file=sys.stderr)
            status = 1
    done = {lesson for each in found for lesson, _ in each.points}
    wanted = {known[name].name for name in options.lesson} if options.lesson else done
    cards = marks.columns(lesson for name, lesson in known.items() if name in wanted)
    for each in found:
        each.points = {card: value for card, value in each.points.items() if card[0] in wanted}
    for each in found:
        if each.notes and options.format != "plain":
            print(f"{each.student}: {'; '.join(each.notes)}", file=sys.stderr)
    sys.stdout.write(marks.table(marks.joined(found), cards, options.format))
    return status


def _moodle(options: argparse.Namespace) -> int:
    """Print a lesson of the program or of EXPLORER_LESSONS, or those at a path, as Moodle XML."""
    from pathlib import Path

    from backprop_explorer.lessons.authoring import lessons_at
    from backprop_explorer.lessons.library import Library
    from backprop_explorer.lessons.moodle import quiz
    from backprop_explorer.lessons.reading.error import LessonError, one_of
    from backprop_explorer.lessons.seed import read_seed
    from backprop_explorer.settings import ConfigurationError, load_settings

    try:
        known = Library.of(load_settings()).lessons()
        name = options.name
        if name in known:
            lessons = [known[name]]
        elif Path(name).exists():
            lessons = [*lessons_at(Path(name), python=options.python)]
        else:
            print(f"there is no lesson {name}; {one_of(known, name)}", file=sys.stderr)
            return 1
        data = quiz(lessons, read_seed(options.seed), options.variants)
    except (ConfigurationError, LessonError, ValueError) as error:
        print(f"backprop-explorer: {error}", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(data + b"\n")
    return 0


def _listen(host: str, port: int) -> socket.socket:
    """Bind before the slow imports, so that a port that is taken is reported at once."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if family == socket.AF_INET6 and address[0] == "::":
            # By default this is the system's choice: Linux serves IPv4 too, Windows does not.
            with contextlib.suppress(OSError, AttributeError):
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Without this a second server could bind too, and fail only when it listens.
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken, perhaps by another Backprop Explorer. "
            f"Stop that one, or choose another: --port {port + 1 if port < 65535 else 8000}"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs an administrator's rights. Choose one above 1023: --port 8000"
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}"


def _shows_blocks() -> bool:
    """Tell whether standard output is a terminal that has the characters of a QR code."""
    try:
        "█▀▄".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return sys.stdout.isatty()


def _serve(settings: Settings, listener: socket.socket) -> int:
    from backprop_explorer.compute.fork_server import start_fork_server, worker_count
    from backprop_explorer.compute.memory import permanent

    if worker_count(settings):
        # Its imports go on beside those below.
        start_fork_server()

    with permanent():
        from backprop_explorer.host_names import is_loopback
        from backprop_explorer.main import create_app
        from backprop_explorer.settings import ConfigurationError
        from backprop_explorer.web.addresses import announcement
        from backprop_explorer.web.connections import allow_connections
        from backprop_explorer.web.server import Server

    port = listener.getsockname()[1]

    def say_ready() -> None:
        print(announcement(settings, port, colours=_shows_blocks()), flush=True)
        if not is_loopback(settings.host):
            own = " and to the addresses of this machine" if settings.answers_own_addresses else ""
            print(
                "Other machines can reach it, and there are no accounts. It answers to the names "
                f"{', '.join(settings.allowed_hosts)}{own}; EXPLORER_ALLOWED_HOSTS=… sets others.",
                file=sys.stderr,
            )

    allow_connections()
    try:
        with permanent():
            app = create_app(settings)
    except ConfigurationError as error:
        listener.close()
        print(f"backprop-explorer: {error}", file=sys.stderr)
        return 2
    server = Server(app, say_ready, app.state.pool.hurry, settings.proxies)
    # Uvicorn finishes what it is doing at Ctrl+C and then raises it again.
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
