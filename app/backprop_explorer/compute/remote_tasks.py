"""All tasks of the API's routes by name.

The web process gives them to workers; it does not import what they compute with.
"""

from __future__ import annotations

from backprop_explorer.engine.late import Late
from backprop_explorer.exports import HEIGHT, WIDTH

# Of the picture of ``export_picture``.
PICTURE_SIZE = (WIDTH, HEIGHT)

_TASKS = "backprop_explorer.compute.tasks"
_LESSONS = "backprop_explorer.compute.lesson_tasks"
_EXPORTS = "backprop_explorer.compute.export_tasks"
_SWEEPS = "backprop_explorer.compute.sweep_tasks"
_PROGRAMS = "backprop_explorer.compute.program_tasks"

trace = Late(_TASKS, "trace")
check = Late(_TASKS, "check")
check_inferred = Late(_TASKS, "check_inferred")
parse = Late(_TASKS, "parse")
upload = Late(_TASKS, "upload")
create = Late(_TASKS, "create")
read = Late(_TASKS, "read")
data = Late(_TASKS, "data")
frame = Late(_TASKS, "frame")
frame_trace = Late(_TASKS, "frame_trace")
steps = Late(_TASKS, "steps")
history = Late(_TASKS, "history")
cost_slice = Late(_TASKS, "cost_slice")
shares = Late(_TASKS, "shares")
catalog = Late("backprop_explorer.compute.catalog", "catalog")

lessons = Late(_LESSONS, "lessons")
lesson = Late(_LESSONS, "lesson")
lesson_sheet = Late(_LESSONS, "lesson_sheet")
hint = Late(_LESSONS, "hint")
lesson_head = Late(_LESSONS, "lesson_head")
mark = Late(_LESSONS, "mark")
solution = Late(_LESSONS, "solution")

export_experiment = Late(_EXPORTS, "export_experiment")
export_givens = Late(_EXPORTS, "export_givens")
export_picture = Late(_EXPORTS, "export_picture")

programs = Late(_PROGRAMS, "programs")
program_trace = Late(_PROGRAMS, "program_trace")
keep_graph = Late(_PROGRAMS, "keep_graph")
graph_trace = Late(_PROGRAMS, "graph_trace")

create_sweep = Late(_SWEEPS, "create_sweep")
advance_sweep = Late(_SWEEPS, "advance_sweep")
sweep_map = Late(_SWEEPS, "sweep_map")
sweep_cell = Late(_SWEEPS, "sweep_cell")
