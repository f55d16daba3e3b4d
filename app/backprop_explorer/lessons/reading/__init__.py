"""Read lessons written in Markdown; docs/lessons.md describes the format."""
