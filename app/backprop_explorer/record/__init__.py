"""Record an unmodified NumPy program: its graph, values, gradients and source lines.

    from backprop_explorer.record import record

    found = record(loss, (x, W, b))         # a ProgramRecording
    found.graph.nodes                       # engine nodes, forward then backward
    found.values["h"], found.gradient("W")  # by the program's own names
    found.sources["h"].line                 # where it stands

``array`` has the recorder and the array class, ``numpy_functions`` how each function of NumPy is
recorded, ``numpy_proxy`` what stands for NumPy in the program, ``program`` the run on copies of
arguments and globals, ``source`` the places in the source, ``recording`` the names and the result,
``folding`` the groups, ``saved`` a recording as JSON, ``received`` reads one that a client sends,
``lines`` describes each line in words, ``entries`` which entries a line takes, repeats and reads,
``closed_forms`` other formulas with the same numbers.
"""

from __future__ import annotations

from backprop_explorer.record.program import record
from backprop_explorer.record.received import from_json
from backprop_explorer.record.recording import Origin, ProgramRecording
from backprop_explorer.record.saved import to_json

__all__ = ["Origin", "ProgramRecording", "from_json", "record", "to_json"]
