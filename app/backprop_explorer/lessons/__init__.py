"""Guided lessons on the explorer: Markdown files in ``content``, one folder for each group."""
