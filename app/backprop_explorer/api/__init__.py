"""The HTTP API: routes, request bodies, errors, middleware, metrics."""
