"""Texts of the entries of tables, by id: ``activation.relu.title``. English is in the entries.

Another language fills this with the ids that ``Registry.texts`` of each table lists.
"""

from __future__ import annotations

from collections.abc import Mapping

ENTRIES: Mapping[str, str] = {}
