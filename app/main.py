"""Puts the parts together; nothing is decided here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app import __version__
from app.api.errors import UnexpectedErrors, install_error_handlers, problem_responses
from app.api.observing import Metrics, Observed
from app.api.routers import all_routers
from app.api.security import BodySize, Compression, KnownHosts, SameOriginWrites, SecurityHeaders
from app.assets import Assets, cache_folder
from app.experiments.explorer import Explorer
from app.pages import page_routes
from app.settings import Settings, load_settings

API = "/api/v1"
OPENAPI_URL = f"{API}/openapi.json"


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application; without ``settings`` they come from the environment."""
    settings = settings or load_settings()
    explorer = Explorer(settings)
    metrics = Metrics(explorer)
    assets = Assets(cache_folder())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        assets.prepare_in_background()
        yield
        explorer.close()

    app = FastAPI(
        title="Backprop Explorer",
        version=__version__,
        summary="Every line of backpropagation, with its numbers and its proof.",
        openapi_url=OPENAPI_URL,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        # The outermost comes first. What is refused is refused before anything is read or computed.
        middleware=[
            Middleware(Observed, metrics=metrics),
            Middleware(SecurityHeaders),
            Middleware(UnexpectedErrors),
            Middleware(KnownHosts, allowed_hosts=settings.allowed_hosts),
            Middleware(SameOriginWrites),
            Middleware(BodySize, max_bytes=settings.limits.max_body_bytes),
            Middleware(Compression),
        ],
    )
    app.state.explorer = explorer
    install_error_handlers(app)
    for router in all_routers(explorer, settings):
        app.include_router(
            router,
            prefix=API,
            max_body_size=settings.limits.max_body_bytes,
            responses=problem_responses(400, 403, 404, 413, 415, 422, 500, 503),
        )
    app.router.routes += [
        Route("/healthz", _health),
        metrics.route(),
        *assets.routes(),
        *page_routes(settings, assets, OPENAPI_URL),
    ]
    return app


async def _health(_request: Request) -> JSONResponse:
    """Answer as long as the event loop runs."""
    return JSONResponse({"status": "ok", "version": __version__})
