"""The templates of the pages, and a cache of their compiled forms."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from backprop_explorer.web.assets import package_folder
from backprop_explorer.web.hidden import GROUPS, PHASES


class TemplateCache(FileSystemBytecodeCache):
    """Compiled templates in a folder, which may be missing, full or read-only."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read the compiled form of a template, if it is there."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the compiled form of a template, if that is possible."""
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def page_templates(cache: Path | None) -> Environment:
    """Return the templates; their compiled forms are kept in the folder ``cache``."""
    environment = Environment(
        loader=FileSystemLoader(package_folder("templates")),
        bytecode_cache=None if cache is None else TemplateCache(str(cache)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["hidden_names"] = (*GROUPS, *PHASES)
    environment.globals["text"] = environment.get_template("text/en.html").module
    return environment
