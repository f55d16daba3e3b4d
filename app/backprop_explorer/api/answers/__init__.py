"""Schemas of the answers, for the OpenAPI document. Nothing here computes or validates answers."""
