"""Wrong student implementations: whole NumPy functions with a slip inside, and right ones.

python -m tests.corpus.report        all of it, with counts per misconception
"""
