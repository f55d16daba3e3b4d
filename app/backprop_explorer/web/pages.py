"""The HTML pages: the explorer, lessons on it, the check of own numbers, the API's manual.

Also the pages of a live class, the address for a class, and what a browser is shown under a host
that is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from backprop_explorer import __version__
from backprop_explorer.api.prefix import root_of
from backprop_explorer.classroom.codes import grouped, read_code
from backprop_explorer.lessons import Lesson
from backprop_explorer.lessons.library import Library
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.settings import ConfigurationError, Settings
from backprop_explorer.web.address_page import HOST, shown_at
from backprop_explorer.web.addresses import in_container
from backprop_explorer.web.assets import PREFIX, Assets, package_folder
from backprop_explorer.web.hidden import GROUPS, PHASES, read_hidden
from backprop_explorer.web.preview import preview_of

# The one file that is also answered to hosts that are not known.
UNKNOWN_HOST_STYLE = f"{PREFIX}/css/unknown-host.css"


def page_routes(assets: Assets, openapi_url: str, settings: Settings) -> list[Route]:
    """Return the routes of all pages.

    Raises ConfigurationError if the folders of EXPLORER_LESSONS cannot be used.
    """
    templates = _templates()
    library = Library.of(settings)
    try:
        library.lessons()
    except LessonError as error:
        raise ConfigurationError(f"EXPLORER_LESSONS: {error}") from None

    def rendered(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        root = root_of(request.scope)
        url = assets.urls(root)
        html = templates.get_template(name).render(
            version=__version__,
            root=root,
            asset=url,
            whole=lambda name: url(assets.whole(name)),
            # Network, ribbon and working alone, for a frame in a notebook.
            embed=request.query_params.get("embed") == "1",
            preview=preview_of(request.scope, request.query_params),
            hide=read_hidden(request.query_params.get("hide", "")),
            **context,
        )
        # Always asked for again: it names the version of everything else.
        return HTMLResponse(html, status, headers={"Cache-Control": "no-cache"})

    def page(name: str, **context: Any) -> Callable[[Request], HTMLResponse]:
        # A plain function: Starlette runs it in a thread; looking at files blocks no request.
        return lambda request: rendered(request, name, **context)

    def lesson(template: str, **context: Any) -> Callable[[Request], Response]:
        """A lesson: beside the explorer, or to print. The list where there is none of the name."""

        def answer(request: Request) -> Response:
            found = _lesson_named(request.path_params["name"], library)
            if found is None:
                return rendered(request, "lessons.html", 404, missing=True)
            shown = rendered(request, template, lesson=found, **context)
            return _to_own_seed(request, found.name) or shown

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

    def address(request: Request) -> HTMLResponse:
        shown = shown_at(request.scope, settings, request.query_params.get("at", ""))
        return rendered(request, "address.html", shown=shown, container=in_container())

    return [
        Route("/", page("index.html", lesson=None, room=None)),
        Route("/lessons", page("lessons.html", missing=False)),
        Route("/lessons/{name}", lesson("index.html", room=None)),
        Route("/lessons/{name}/sheet", lesson("sheet.html")),
        Route("/check", page("check.html")),
        Route("/join", page("join.html", typed="")),
        Route("/join/{code}", join),
        Route("/teach", page("teach.html", room=None, shown=None)),
        Route("/teach/{code}", teach),
        Route("/address", address),
        Route("/docs", page("docs.html", openapi_path=openapi_url.removeprefix("/"))),
    ]


def _to_own_seed(request: Request, name: str) -> Response | None:
    """Lead from the link of a class to the list, which asks for the student's text, and back."""
    given = request.query_params.get("class")
    query = urlencode({"class": given, "then": name})
    return RedirectResponse(f"{root_of(request.scope)}lessons?{query}", 303) if given else None


def _lesson_named(name: str, library: Library) -> Lesson | None:
    try:
        return library.lessons().get(name)
    except LessonError:
        # Its author has just made a mistake; the list of lessons says which.
        return None


def unknown_host_page() -> Callable[[Scope], Response]:
    """Return a function that makes the page for a request whose host is not known."""
    template = _templates().get_template("unknown-host.html")

    def page(scope: Scope) -> Response:
        sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
        found = HOST.fullmatch(sent.decode("latin-1"))
        html = template.render(
            host=found[1] if found else "",
            root=root_of(scope),
            style=UNKNOWN_HOST_STYLE.removeprefix("/"),
        )
        return HTMLResponse(html, 400, headers={"Cache-Control": "no-store"})

    return page


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(package_folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["hidden_names"] = (*GROUPS, *PHASES)
    environment.globals["text"] = environment.get_template("text/en.html").module
    return environment
