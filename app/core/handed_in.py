"""What names that somebody hands numbers in under mean to the trace these are compared with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.core.checker.submission import known_id
from app.core.parsing import of_size
from app.core.printed import Printed
from app.core.trace import Trace


def fitted(printed: Mapping[str, Printed], trace: Trace) -> dict[str, Printed]:
    """``printed``, where its commas leave it open in the way that has the line's many numbers."""
    sizes = {line.id: np.size(line.value) for line in trace.lines}
    ids = {name: known_id(name, sizes, trace.network.depth) for name in printed}
    return {name: of_size(line, sizes.get(ids[name] or "", 0)) for name, line in printed.items()}
