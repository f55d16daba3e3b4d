"""The application factory: connects pool, routes, middleware and pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backprop_explorer import __version__
from backprop_explorer.api.bodies import HeldBodies
from backprop_explorer.api.errors import UnexpectedErrors, install_error_handlers
from backprop_explorer.api.known_hosts import KnownHosts
from backprop_explorer.api.metrics import NO_TELEMETRY, Health, Metrics, RequestInstrumentation
from backprop_explorer.api.openapi import add_schemas
from backprop_explorer.api.prefix import PathPrefix
from backprop_explorer.api.response_headers import ResponseHeaders
from backprop_explorer.api.router import API
from backprop_explorer.api.routes import ROUTERS, TAGS
from backprop_explorer.api.security import Compression, Refusals
from backprop_explorer.classroom.asking import Asking
from backprop_explorer.classroom.rooms import Rooms
from backprop_explorer.compute.encoding import dumps
from backprop_explorer.compute.pool import Pool, check_provided
from backprop_explorer.settings import Settings, load_settings
from backprop_explorer.web.assets import Assets, cache_folder
from backprop_explorer.web.pages import (
    MISSING,
    UNKNOWN_HOST_STYLE,
    page_renderer,
    page_routes,
    page_templates,
    unknown_host_page,
)

OPENAPI_URL = f"{API}/openapi.json"


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application. Without ``settings`` they are read from the environment.

    Raises ConfigurationError if the settings are invalid or the store cannot be opened.
    """
    settings = settings or load_settings()
    check_provided(settings)
    pool = Pool(settings)
    rooms = Rooms(settings)
    asking = Asking(rooms, pool)
    metrics = Metrics(pool)
    folder = cache_folder()
    assets, templates = Assets(folder), page_templates(folder / "templates")
    rendered = page_renderer(templates, assets)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        pool.start()
        assets.prepare_in_background()
        watching = asyncio.create_task(metrics.loop_watch.run())
        yield
        watching.cancel()
        await asking.close()
        await rooms.close()
        await pool.close()

    app = FastAPI(
        title="Backprop Explorer",
        version=__version__,
        summary="Every line of backpropagation, with its numbers and its proof.",
        # One schema for a recipe, sent and answered: fields with a default are in every answer.
        separate_input_output_schemas=False,
        openapi_url=None,  # see below
        # Relative to the document, so that it also holds behind a proxy with a path prefix.
        servers=[{"url": "../.."}],
        openapi_tags=[{"name": tag} for tag in TAGS],
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        telemetry=NO_TELEMETRY,
        # The outermost comes first. Requests are refused before their body is read.
        middleware=[
            Middleware(RequestInstrumentation, metrics=metrics),
            Middleware(ResponseHeaders, frame_ancestors=settings.frame_ancestors),
            Middleware(UnexpectedErrors),
            Middleware(PathPrefix, root_path=settings.prefix, required=bool(settings.token)),
            Middleware(
                KnownHosts,
                allowed_hosts=settings.allowed_hosts,
                own_addresses=settings.answers_own_addresses,
                page=unknown_host_page(templates),
                open_path=UNKNOWN_HOST_STYLE,
            ),
            Middleware(Refusals, max_bytes=settings.limits.max_body_bytes),
            Middleware(Compression),
            Middleware(HeldBodies, max_body_bytes=settings.limits.max_body_bytes),
        ],
    )
    app.state.settings = settings
    # By notation of the formulas: it does not change while the server runs.
    app.state.catalogs = {}
    app.state.pool = pool
    app.state.rooms = rooms
    app.state.asking = asking
    app.state.health = Health(pool, settings.store)
    install_error_handlers(app, settings.limits, lambda request: rendered(request, MISSING, 404))
    for router in ROUTERS:
        app.router.routes += router.routes
    add_schemas(app)

    @cache
    def document() -> bytes:
        return dumps(app.openapi())

    def openapi(_request: Request) -> Response:
        """Runs in a thread (not async), because the first call takes some tenths of a second."""
        return Response(document(), media_type="application/json")

    app.router.routes += [
        Route("/healthz", app.state.health.answer),
        Route(OPENAPI_URL, openapi, include_in_schema=False),
        metrics.route(),
        *assets.routes(),
        *page_routes(rendered, OPENAPI_URL, settings, pool),
    ]
    return app
