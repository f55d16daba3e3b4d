"""Puts the parts together; nothing is decided here."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app import __version__
from app.api.errors import UnexpectedErrors, install_error_handlers
from app.api.known_hosts import KnownHosts
from app.api.new_router import API, routers_of
from app.api.observing import NO_TELEMETRY, Compute, Metrics, Observed
from app.api.prefix import PathPrefix
from app.api.routers import TAGS, all_routers
from app.api.security import BodySize, Compression, SameOriginWrites, SecurityHeaders
from app.assets import Assets, cache_folder
from app.core.tape import native
from app.experiments.explorer import Explorer
from app.forward import Forward
from app.nursery import Nursery
from app.pages import UNKNOWN_HOST_STYLE, page_routes, unknown_host_page
from app.pool import Pool
from app.settings import Settings, load_settings

OPENAPI_URL = f"{API}/openapi.json"


def create_app(settings: Settings | None = None, nursery: Nursery | None = None) -> FastAPI:
    """Build the application; without ``settings`` they come from the environment.

    ``nursery``: where its workers come from, if there is one already.
    """
    settings = settings or load_settings()
    explorer = Explorer(settings)
    pool = Pool(settings, nursery)

    async def compute() -> Compute:
        return await pool.compute() if pool.workers else Compute(explorer.statistics())

    metrics = Metrics(compute)
    assets = Assets(cache_folder())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        assets.prepare_in_background()
        pool.start()
        if not pool.workers:
            threading.Thread(target=native.load, name="load-runner", daemon=True).start()
        yield
        await pool.close()
        explorer.close()

    app = FastAPI(
        title="Backprop Explorer",
        version=__version__,
        summary="Every line of backpropagation, with its numbers and its proof.",
        openapi_url=OPENAPI_URL,
        # Relative to the document, so that it also holds behind a proxy with a path prefix.
        servers=[{"url": "../.."}],
        openapi_tags=[{"name": tag} for tag in TAGS],
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        telemetry=NO_TELEMETRY,
        # The outermost comes first. What is refused is refused before anything is read or computed.
        middleware=[
            Middleware(Observed, metrics=metrics),
            Middleware(SecurityHeaders),
            Middleware(UnexpectedErrors),
            Middleware(PathPrefix, root_path=settings.root_path),
            Middleware(
                KnownHosts,
                allowed_hosts=settings.allowed_hosts,
                own_addresses=settings.answers_own_addresses,
                page=unknown_host_page(),
                open_path=UNKNOWN_HOST_STYLE,
            ),
            Middleware(SameOriginWrites),
            Middleware(BodySize, max_bytes=settings.limits.max_body_bytes),
            Middleware(Compression),
            Middleware(Forward, pool=pool, prefix=f"{API}/", besides=(OPENAPI_URL,)),
        ],
    )
    app.state.explorer = explorer
    app.state.pool = pool
    add_api(app, explorer, settings)

    async def health(_request: Request) -> JSONResponse:
        """Ready once somebody can compute."""
        ready = not pool.workers or pool.ready
        return JSONResponse(
            {"status": "ok" if ready else "starting", "version": __version__},
            status_code=200 if ready else 503,
            headers=None if ready else {"Retry-After": "1"},
        )

    app.router.routes += [
        Route("/healthz", health),
        metrics.route(),
        *assets.routes(),
        *page_routes(assets, OPENAPI_URL, settings),
    ]
    return app


def add_api(app: FastAPI, explorer: Explorer, settings: Settings) -> None:
    """Add the routes below API, with their errors."""
    install_error_handlers(app, settings.limits)
    new_router = routers_of(settings.limits.max_body_bytes)
    for router in all_routers(new_router, explorer, settings):
        app.router.routes += router.routes
