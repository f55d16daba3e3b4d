"""Tasks for programs: the list of the ready ones, and the workings of these and of graphs."""

from __future__ import annotations

from backprop_explorer.compute.catalog import parameters
from backprop_explorer.compute.reply import Reply, json_reply
from backprop_explorer.programs import PROGRAMS


def programs() -> Reply:
    """The ready programs in the order of the gallery."""
    shown = [
        {
            "name": each.name,
            "title": each.title,
            "topic": each.topic,
            "tag": each.tag,
            "description": each.description,
            "text": each.text,
            "shapes": each.shapes.format(**each.all_sizes()),
            "wrt": each.wrt,
            "sizes": parameters(each.sizes),
        }
        for each in PROGRAMS.values()
    ]
    return json_reply({"programs": shown})
