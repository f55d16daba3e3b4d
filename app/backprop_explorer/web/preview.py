"""The preview of a link: what messengers and forums show of ``/?run=ID&step=300&line=z1``.

They do not read the part after "#", which restores the page, so that the link says in its query
what the picture is of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.types import Scope

from backprop_explorer.api.prefix import PREFIX
from backprop_explorer.compute.task_options import PICTURE_SIZE
from backprop_explorer.engine import names
from backprop_explorer.web.address_page import HOST

RUN = re.compile(r"[0-9a-f]{20}")
STEP = re.compile(r"[0-9]{1,9}")
SAMPLE = re.compile(r"[0-9]{1,9}|batch")
LINE = re.compile(r"[A-Za-z0-9_]{1,64}")


@dataclass(frozen=True, slots=True)
class Preview:
    """The address of the picture, its size, and what it shows."""

    image: str
    width: int
    height: int
    line: str
    step: int


def preview_of(scope: Scope, query: Mapping[str, str]) -> Preview | None:
    """Return the preview that a link names, None if it names none or not in this form."""
    sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
    host = sent.decode("latin-1")
    asked = (
        (RUN, query.get("run", "")),
        (STEP, query.get("step", "0")),
        (SAMPLE, query.get("sample", "0")),
        (LINE, query.get("line", "z1")),
    )
    if not HOST.fullmatch(host) or not all(form.fullmatch(text) for form, text in asked):
        return None
    run, step, sample, line = (text for _, text in asked)
    root = f"{scope.get('scheme', 'http')}://{host}{scope[PREFIX]}"
    of = urlencode({"step": step, "sample": sample, "line": line})
    image = f"{root}/api/v1/experiments/{run}/picture?{of}"
    return Preview(image, *PICTURE_SIZE, names.named(line).plain, int(step))
