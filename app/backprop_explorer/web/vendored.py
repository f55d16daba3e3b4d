"""The files of other projects that the page uses, and in which form they are served."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from backprop_explorer.web.file_cache import FONT_RECIPE, subset_math_font

FONT = "vendor/STIXTwoMath-Regular.woff2"
PLOTLY_SOURCE = "vendor/plotly.min.js"
PLOTLY = "vendor/plotly.module.js"

# The official script: a function for module loaders around a function that bundles the modules.
PLOTLY_SCRIPT = re.compile(
    rb"(?P<banner>/\*.*?\*/\n)\(\n function\(root, factory\) \{.*?\(\) => \{\n"
    rb'"use strict";var Plotly=\(\(\)=>\{(?P<modules>.*)return (?P<main>\w+\(\));\}\)\(\);'
    rb"(?P<licences>.*)window\.Plotly = Plotly;\nreturn Plotly;\n\}\)\);\s*",
    re.DOTALL,
)
PLOTLY_MODULE = (
    rb"\g<banner>\g<modules>const Plotly=\g<main>;\g<licences>"
    rb"window.Plotly = Plotly;\nexport default Plotly;\n"
)


def plotly_module(script: bytes) -> bytes:
    """Return the official plotly.js as an ES module: the same code without the two functions.

    A browser reads a module's functions while it loads. Those inside another function it reads
    again when that function runs, which delayed the first page by 0.15 s. Raises ValueError if the
    script is put together in another way.
    """
    found = PLOTLY_SCRIPT.fullmatch(script)
    if found is None:
        raise ValueError("plotly.js is put together in a new way; adapt web/vendored.py")
    return found.expand(PLOTLY_MODULE)


@dataclass(frozen=True, slots=True)
class Vendored:
    """A file inside an installed package, or in ``static`` if there is no package.

    ``make`` gives the form in which it is served; ``recipe`` changes when ``make`` does.
    """

    package: str | None
    path: str
    make: Callable[[bytes], bytes] | None = None
    recipe: str = ""

    def source(self, static: Path) -> Path:
        """Return where the file is."""
        return static / self.path if self.package is None else installed(self.package, self.path)


VENDORED: Mapping[str, Vendored] = {
    FONT: Vendored("ziamath", "fonts/STIXTwoMath-Regular.ttf", subset_math_font, FONT_RECIPE),
    PLOTLY: Vendored(None, PLOTLY_SOURCE, plotly_module, PLOTLY_MODULE.decode()),
    "vendor/swagger-ui-bundle.js": Vendored("fastapi_offline", "static/swagger-ui-bundle.js"),
    "vendor/swagger-ui.css": Vendored("fastapi_offline", "static/swagger-ui.css"),
}


def installed(package: str, path: str) -> Path:
    """Find a file of an installed package without importing it, which takes long for some."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {package} is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / path
