"""Student implementations in NumPy: complete functions with a mistake, and correct ones.

python -m tests.corpus.report        checks all, with counts per misconception
"""
