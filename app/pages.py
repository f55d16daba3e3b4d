"""The HTML pages: the explorer, lessons on it, the check of own numbers, the API's manual."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from app import __version__
from app.api.prefix import root_of
from app.assets import Assets, package_folder
from app.lessons import LESSONS


def page_routes(assets: Assets, openapi_url: str) -> list[Route]:
    """Return the routes of ``/``, ``/lessons``, ``/check`` and ``/docs``."""
    templates = Environment(
        loader=FileSystemLoader(package_folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def rendered(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        root = root_of(request.scope)
        url = assets.urls(root)
        html = templates.get_template(name).render(
            version=__version__,
            root=root,
            asset=url,
            whole=lambda name: url(assets.whole(name)),
            **context,
        )
        # Always asked for again: it names the version of everything else.
        return HTMLResponse(html, status, headers={"Cache-Control": "no-cache"})

    def page(name: str, **context: Any) -> Callable[[Request], HTMLResponse]:
        # A plain function: Starlette runs it in a thread, where looking at files blocks nobody.
        return lambda request: rendered(request, name, **context)

    def lesson(request: Request) -> HTMLResponse:
        """The explorer with a lesson beside it; the list where there is none of the name."""
        found = LESSONS.get(request.path_params["name"])
        if found is None:
            return rendered(request, "lessons.html", 404, missing=True)
        return rendered(request, "index.html", lesson=found)

    return [
        Route("/", page("index.html", lesson=None)),
        Route("/lessons", page("lessons.html", missing=False)),
        Route("/lessons/{name}", lesson),
        Route("/check", page("check.html")),
        Route("/docs", page("docs.html", openapi_path=openapi_url.removeprefix("/"))),
    ]
