"""The HTML pages: the explorer, the check of own numbers, the API's documentation offline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from app import __version__
from app.assets import Assets, package_folder
from app.settings import Settings

# Scripts of the other pages.
NOT_IN_THE_EXPLORER = ("js/swagger.js", "js/check/")


def page_routes(settings: Settings, assets: Assets, openapi_url: str) -> list[Route]:
    """Return the routes of ``/``, ``/check`` and ``/docs``."""
    templates = Environment(
        loader=FileSystemLoader(package_folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def page(name: str, **context: Any) -> Callable[[Request], HTMLResponse]:
        # A plain function: Starlette runs it in a thread, where looking at files blocks nobody.
        def render(_request: Request) -> HTMLResponse:
            url = assets.urls()
            html = templates.get_template(name).render(
                version=__version__, asset=url, modules=list(map(url, modules(name))), **context
            )
            # Always asked for again: it names the version of everything else.
            return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

        return render

    def modules(page: str) -> list[str]:
        """Return a page's modules, to be preloaded: else each is found only in the one before."""
        scripts = [n for n in assets.names() if n.startswith("js/") and n.endswith(".js")]
        if page == "check.html":
            return [name for name in scripts if name.startswith("js/check/")]
        return [name for name in scripts if not name.startswith(NOT_IN_THE_EXPLORER)]

    public = settings.limits.model_dump(mode="json")
    return [
        Route("/", page("index.html", settings_public=public)),
        Route("/check", page("check.html")),
        Route("/docs", page("docs.html", openapi_url=openapi_url)),
    ]
