"""The HTML pages: the explorer, lessons on it, the check of own numbers, the API's manual.

A link ``/?hide=settings,training`` hides groups of controls (``static/css/hide.css``) and their
keys (``static/js/explorer/hide.js``); a phase hides its numbers and those of all later phases.
Messengers show a picture of ``/?run=ID&step=300&line=z1``: what follows "#" they do not read. Also
the pages of a live class, the address for a class, and what a browser gets at an unknown host or
a wrong address.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from backprop_explorer import __version__
from backprop_explorer.api.prefix import PREFIX as PATH_PREFIX
from backprop_explorer.api.prefix import root_of
from backprop_explorer.classroom.codes import grouped, read_code
from backprop_explorer.compute.pool import Pool
from backprop_explorer.compute.task_options import PICTURE_SIZE
from backprop_explorer.engine import names
from backprop_explorer.engine.late import Late
from backprop_explorer.host_names import is_loopback
from backprop_explorer.settings import Settings
from backprop_explorer.web.addresses import hosts_to_type, in_container, qr_svg
from backprop_explorer.web.assets import PREFIX, Assets, package_folder

# host, or host:port, as a browser writes it.
HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
# Steps of the type size: the style sheet has a rule for each.
LENGTHS = (16, 20, 24, 28, 32, 40, 48)


@dataclass(frozen=True, slots=True)
class Address:
    """An address to type. ``scheme`` and ``rest`` make up the text; ``svg`` is its QR code."""

    scheme: str
    rest: str
    svg: str

    @property
    def length(self) -> int:
        """The characters of the text, rounded up to one of LENGTHS."""
        characters = len(self.scheme) + len(self.rest)
        return next((each for each in LENGTHS if characters <= each), LENGTHS[-1])


@dataclass(frozen=True, slots=True)
class Shown:
    """The address that is shown, None where only this machine reaches the server, and the others.

    The others are pairs of the value of ``?at=`` that shows one, and its text.
    """

    address: Address | None
    others: list[tuple[str, str]]


def shown_at(scope: Scope, settings: Settings, wanted: str, page: str = "") -> Shown:
    """Choose what the page shows; ``wanted`` is the host after ``?at=``, "" for the best one.

    ``page``: the path below the root that the address leads to.
    """
    hosts = list(dict.fromkeys(_hosts(scope, settings)))
    if not hosts:
        return Shown(None, [])
    host = wanted if wanted in hosts else hosts[0]
    scheme = f"{scope.get('scheme', 'http')}://"
    path = str(scope[PATH_PREFIX])
    svg = qr_svg(f"{scheme}{host}{path}{page or '/'}")
    others = [(each, f"{scheme}{each}{path}{page}") for each in hosts if each != host]
    return Shown(Address(scheme, f"{host}{path}{page}", svg), others)


def _hosts(scope: Scope, settings: Settings) -> Iterator[str]:
    """Yield hosts with their ports, the best one first.

    If this page was opened at an address that others can use, that one surely works.
    """
    headers = Headers(scope=scope)
    forwarded = headers.get("x-forwarded-host", "").partition(",")[0].strip()
    found = HOST.fullmatch(forwarded) or HOST.fullmatch(headers.get("host", ""))
    name, port = (found[1], found[2] or "") if found else ("", "")
    if name and not is_loopback(name):
        yield f"{name}{port}"
    # Another way to this machine does not lead through the proxy.
    if not forwarded and not scope[PATH_PREFIX]:
        for host in hosts_to_type(settings):
            yield f"{host}{port}"


TASKS = "backprop_explorer.compute.program_tasks"
IS_PROGRAM, IS_GRAPH, IS_CHECK = (Late(TASKS, f"is_{of}") for of in ("program", "graph", "check"))
LESSON_HEAD = Late("backprop_explorer.compute.lesson_tasks", "lesson_head")


class TemplateCache(FileSystemBytecodeCache):
    """Compiled templates in a folder, which may be missing, full or read-only."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read the compiled form of a template, if it is there."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the compiled form of a template, if that is possible."""
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def page_templates(cache: Path | None) -> Environment:
    """Return the templates; their compiled forms are kept in the folder ``cache``."""
    environment = Environment(
        loader=FileSystemLoader(package_folder("templates")),
        bytecode_cache=None if cache is None else TemplateCache(str(cache)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["hidden_names"] = (*GROUPS, *PHASES)
    environment.globals["text"] = environment.get_template("text/en.html").module
    return environment


# The one file that is also answered to hosts that are not known.
UNKNOWN_HOST_STYLE = f"{PREFIX}/css/unknown-host.css"


Render = Callable[..., HTMLResponse]


def page_renderer(templates: Environment, assets: Assets) -> Render:
    """Return a function that makes the page of a request from the template of a name."""

    def rendered(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        root = root_of(request.scope)
        url = assets.urls(root)
        html = templates.get_template(name).render(
            version=__version__,
            root=root,
            asset=url,
            whole=lambda name: url(assets.whole(name)),
            params=request.path_params,
            # Network, ribbon and working alone, for a frame in a notebook.
            embed=request.query_params.get("embed") == "1",
            preview=preview_of(request.scope, request.query_params),
            hide=read_hidden(request.query_params.get("hide", "")),
            **context,
        )
        # Always asked for again: it names the version of everything else.
        return HTMLResponse(html, status, headers={"Cache-Control": "no-cache"})

    return rendered


# The page of an address with nothing behind it.
MISSING = "missing.html"


def page_routes(rendered: Render, openapi_url: str, settings: Settings, pool: Pool) -> list[Route]:
    """Return the routes of all pages. A worker of ``pool`` knows lessons and programs."""

    def page(name: str, **context: Any) -> Callable[[Request], HTMLResponse]:
        # A plain function: Starlette runs it in a thread; looking at files blocks no request.
        return lambda request: rendered(request, name, **context)

    def lesson(template: str, **context: Any) -> Callable[[Request], Awaitable[Response]]:
        """A lesson: beside the explorer, or to print. The list where there is none of the name."""

        async def answer(request: Request) -> Response:
            given = request.path_params["name"]
            head = await pool.submit(LESSON_HEAD, given)
            if head is None:
                return await run_in_threadpool(rendered, request, "lessons.html", 404, missing=True)
            name, title = head
            if name != given:
                path = request.url.path.replace(f"/{given}", f"/{name}")
                return RedirectResponse(request.url.replace(path=path), 308)
            about = {"name": name, "title": title}
            shown = await run_in_threadpool(rendered, request, template, lesson=about, **context)
            return _to_own_seed(request, name) or shown

        return answer

    def join(request: Request) -> HTMLResponse:
        """The explorer of a student, which follows a room."""
        typed = request.path_params["code"]
        code = read_code(typed)
        if code is None:
            return rendered(request, "join.html", 404, typed=typed)
        return rendered(request, "index.html", lesson=None, room=grouped(code))

    def teach(request: Request) -> HTMLResponse:
        """The lecturer's view of a room, with the link and its QR code."""
        code = read_code(request.path_params["code"])
        if code is None:
            return rendered(request, "teach.html", 404, room=None, shown=None)
        path = f"/join/{grouped(code)}"
        shown = shown_at(request.scope, settings, request.query_params.get("at", ""), path)
        return rendered(request, "teach.html", room=grouped(code), shown=shown)

    def hall(template: str) -> Callable[[Request], HTMLResponse]:
        """The server's address, or with ``?room=`` that of a class, alone or beside its screen."""
        return lambda request: rendered(
            request, template, container=in_container(), **_joining(request, settings)
        )

    existing = partial(_existing, rendered, pool)
    return [
        Route("/", page("index.html", lesson=None, room=None)),
        Route("/lessons", page("lessons.html", missing=False)),
        Route("/lessons/{name}", lesson("index.html", room=None)),
        Route("/lessons/{name}/sheet", lesson("sheet.html")),
        Route("/programs", page("programs.html", missing=False)),
        Route("/programs/{program}", existing("program.html", IS_PROGRAM, "programs.html")),
        Route("/graphs/{graph}", existing("program.html", IS_GRAPH, MISSING)),
        Route("/check", page("check.html")),
        Route("/check/{check}", existing("program-check.html", IS_CHECK, MISSING)),
        Route("/join", page("join.html", typed="")),
        Route("/join/{code}", join),
        Route("/teach", page("teach.html", room=None, shown=None)),
        Route("/teach/screen", hall("screen.html")),
        Route("/teach/{code}", teach),
        Route("/address", hall("address.html")),
        Route("/docs", page("docs.html", openapi_path=openapi_url.removeprefix("/"))),
    ]


def _existing(
    rendered: Render, pool: Pool, template: str, exists: Late, otherwise: str
) -> Callable[[Request], Awaitable[Response]]:
    """A page of something that a worker knows, with status 404 ``otherwise``."""

    async def answer(request: Request) -> Response:
        known = await pool.submit(exists, *request.path_params.values())
        page = (template, 200) if known else (otherwise, 404)
        return await run_in_threadpool(rendered, request, *page, missing=not known)

    return answer


def _joining(request: Request, settings: Settings) -> dict[str, Any]:
    """The room in a query, and the address at which students join it, or that of the server."""
    code = read_code(request.query_params.get("room", ""))
    path = f"/join/{grouped(code)}" if code else ""
    shown = shown_at(request.scope, settings, request.query_params.get("at", ""), path)
    return {"room": grouped(code) if code else None, "shown": shown}


def _to_own_seed(request: Request, name: str) -> Response | None:
    """Lead from the link of a class to the list, which asks for the student's text, and back."""
    given = request.query_params.get("class")
    query = urlencode({"class": given, "then": name})
    return RedirectResponse(f"{root_of(request.scope)}lessons?{query}", 303) if given else None


def unknown_host_page(templates: Environment) -> Callable[[Scope], Response]:
    """Return a function that makes the page for a request whose host is not known."""

    def page(scope: Scope) -> Response:
        sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
        found = HOST.fullmatch(sent.decode("latin-1"))
        html = templates.get_template("unknown-host.html").render(
            host=found[1] if found else "",
            root=root_of(scope),
            style=UNKNOWN_HOST_STYLE.removeprefix("/"),
        )
        return HTMLResponse(html, 400, headers={"Cache-Control": "no-store"})

    return page


GROUPS = (
    "head",
    "pages",
    "examples",
    "share",
    "settings",
    "choices",
    "alarms",
    "lines",
    "walk",
    "notation",
    "sum",
    "own",
    "checks",
    "figures",
    "training",
)
PHASES = ("forward", "cost", "backward", "update")

_MOST_UNKNOWN = 5
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Hidden:
    """The names of a link that are known, each once, and the first few that are not."""

    names: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def read_hidden(text: str) -> Hidden:
    """Read the value of ``hide``: names between commas."""
    asked = dict.fromkeys(name.strip().lower() for name in text.split(","))
    known = [name for name in (*GROUPS, *PHASES) if name in asked]
    unknown = [name[:_LONGEST] for name in asked if name and name not in known]
    return Hidden(tuple(known), tuple(unknown[:_MOST_UNKNOWN]))


RUN = re.compile(r"[0-9a-f]{20}")
STEP = re.compile(r"[0-9]{1,9}")
SAMPLE = re.compile(r"[0-9]{1,9}|batch")
LINE = re.compile(r"[A-Za-z0-9_]{1,64}")


@dataclass(frozen=True, slots=True)
class Preview:
    """The address of the picture, its size, and what it shows."""

    image: str
    width: int
    height: int
    line: str
    step: int


def preview_of(scope: Scope, query: Mapping[str, str]) -> Preview | None:
    """Return the preview that a link names, None if it names none or not in this form."""
    sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
    host = sent.decode("latin-1")
    asked = (
        (RUN, query.get("run", "")),
        (STEP, query.get("step", "0")),
        (SAMPLE, query.get("sample", "0")),
        (LINE, query.get("line", "z1")),
    )
    if not HOST.fullmatch(host) or not all(form.fullmatch(text) for form, text in asked):
        return None
    run, step, sample, line = (text for _, text in asked)
    root = f"{scope.get('scheme', 'http')}://{host}{scope[PATH_PREFIX]}"
    of = urlencode({"step": step, "sample": sample, "line": line})
    image = f"{root}/api/v1/experiments/{run}/picture?{of}"
    return Preview(image, *PICTURE_SIZE, names.named(line).plain, int(step))
