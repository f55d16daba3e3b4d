"""What docs/wire.md says beside its tables, which `make wire` makes of the OpenAPI document."""

from __future__ import annotations

import re

from backprop_explorer.limits import Limits
from scripts.wire import BEGIN, END, TEXT


def test_limits_that_are_named_exist() -> None:
    text = TEXT.read_text(encoding="utf-8")
    prose = re.sub(f"{BEGIN}.*?{END}", "", text, flags=re.DOTALL)
    limits = set(re.findall(r"`(max_\w+)`", prose))
    assert limits
    assert limits <= set(Limits.model_fields)
