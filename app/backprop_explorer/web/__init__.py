"""The page: its files, its HTML, and the HTTP server."""
