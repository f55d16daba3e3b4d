"""Benchmarks against other programs, and load trials. ``python -m bench`` runs the benchmarks."""
