"""Measurements against named peers. ``python -m bench`` runs all; nothing here is a test."""
