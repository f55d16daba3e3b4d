"""One file of a page's modules, and one of its style sheets, joined when they are asked for.

A browser finds a module only in the one that imports it, and each request costs it some 10 ms of
the time in which nothing is drawn yet: 90 modules one by one take longer than all the rest. The
plain files stay the source, and are what the page falls back to: only the forms in which they are
written are known here, and every other one is refused (``JoinError``) and not guessed at.

A module becomes a block of its own in one strict module: its names stay its own, its functions are
hoisted, ``await`` works. It takes what it imports from ``modules$``, where it puts its exports::

    {const {slot, write: put} = modules$[3];
      …the source, its imports and the words ``export`` blanked out, so that every line stays…
    modules$[7] = Object.freeze({mountTop});}

No binding is live: only ``const``, ``function`` and ``class`` may be exported, and an imported
module has always run before, since circles are refused.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass

import orjson

IMPORT = re.compile(
    r"""import\s* (?: (?: \{(?P<names>[^{}]*)\} | \*\s*as\s+(?P<space>[\w$]+) )\s* from\s* )?
        (?P<quote>["'])(?P<path>[^"'\n]+)(?P=quote)\s*;""",
    re.VERBOSE,
)
NAMED = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?\Z")
EXPORT = re.compile(r"^export (?=(?:(?:async )?function\*? ?|class |const )([\w$]+))", re.MULTILINE)
# What has no meaning as text: comments, strings, templates. A backtick within ${…} or a regular
# expression may end one too early or late, which can only make the checks refuse too much.
TEXT = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*`""",
    re.VERBOSE | re.DOTALL,
)
BEFORE_IMPORTS = re.compile(r"(?:\s+|/\*.*?\*/|//[^\n]*)*", re.DOTALL)
REFUSED = (
    (re.compile(r"\bimport\s*[.(]"), "import() and import.meta need a module of their own"),
    (re.compile(r"^\s*import\b", re.MULTILINE), "an import of another form, or below the first"),
    (re.compile(r"^\s*export\b", re.MULTILINE), "an export of another form"),
    (re.compile(r"^var\b", re.MULTILINE), "var at the top belongs to all modules"),
    (re.compile(r"\bmodules\$"), "modules$ is the name of the list of modules"),
)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS_IMPORT = re.compile(r"""\s*@import\s+(["'])(?P<path>[^"'\n]+)\1\s*;""")


class JoinError(ValueError):
    """A file cannot be joined; the message says which one and why."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The joined text, where its lines come from, and the names of all sources, the entry last."""

    text: str
    map: bytes
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Module:
    """``imports``: the file, and the names there with those here, or the name of the whole."""

    body: str
    imports: tuple[tuple[str, dict[str, str] | str], ...]
    exports: tuple[str, ...]


def join(entry: str, read: Callable[[str], str]) -> Joined:
    """Join a module, or a style sheet, with all that it imports; ``read`` returns a file's text.

    Raises:
        JoinError: a file is missing, is written in a form not known here, or is part of a circle.
    """
    return _join_styles(entry, read) if entry.endswith(".css") else _join_modules(entry, read)


def _join_modules(entry: str, read: Callable[[str], str]) -> Joined:
    modules = _ordered(entry, lambda name: _parse(name, _text(name, read)))
    number = {name: k for k, name in enumerate(modules)}
    blocks = ["const modules$ = [];\n"]
    sections = []
    line = 1
    for name, module in modules.items():
        heads = []
        for path, names in module.imports:
            if isinstance(names, str):
                heads.append(f"const {names} = modules$[{number[path]}];")
                continue
            if missing := names.keys() - set(modules[path].exports):
                raise JoinError(f"{name}: {path} exports no {', '.join(sorted(missing))}")
            taken = ", ".join(a if a == b else f"{a}: {b}" for a, b in names.items())
            heads.append(f"const {{{taken}}} = modules$[{number[path]}];")
        given = ", ".join(module.exports)
        blocks.append(
            f"{{{''.join(heads)}\n{module.body}\nmodules$[{number[name]}] = "
            f"Object.freeze({{{given}}});}}\n"
        )
        lines = module.body.count("\n") + 1
        sections.append(_section(entry, name, line + 1, lines))
        line += lines + 2
    text = "".join(blocks) + f"//# sourceMappingURL={posixpath.basename(map_name(entry))}\n"
    return Joined(
        text, orjson.dumps({"version": 3, "file": entry, "sections": sections}), (*modules,)
    )


def _section(entry: str, name: str, start: int, lines: int) -> dict[str, object]:
    """The part of the source map for one module: line for line, from line ``start`` on."""
    source = posixpath.relpath(name, posixpath.dirname(entry))
    # AAAA: column 0 is line 0, column 0 of source 0. AACA: the same, a line further.
    mappings = "AAAA" + ";AACA" * (lines - 1)
    return {
        "offset": {"line": start, "column": 0},
        "map": {"version": 3, "sources": [source], "names": [], "mappings": mappings},
    }


def _parse(name: str, source: str) -> _Module:
    head = BEFORE_IMPORTS.match(source)
    place = head.end() if head else 0
    imports: list[tuple[str, dict[str, str] | str]] = []
    blank: list[tuple[int, int]] = []
    while found := IMPORT.match(source, place):
        imports.append((_resolve(name, found["path"]), _names(name, found)))
        blank.append(found.span())
        following = BEFORE_IMPORTS.match(source, found.end())
        place = following.end() if following else found.end()
    exports = list(EXPORT.finditer(source))
    for start, end in [*blank, *(each.span() for each in exports)]:
        source = source[:start] + re.sub(r"[^\n]", " ", source[start:end]) + source[end:]
    code = TEXT.sub(lambda text: re.sub(r"[^\n]", " ", text[0]), source)
    for each in exports:
        if code[each.end()].isspace():
            raise JoinError(f"{_place(name, source, each.start())}: an export in a text")
    for pattern, why in REFUSED:
        if refused := pattern.search(code):
            raise JoinError(f"{_place(name, source, refused.end())}: {why}")
    return _Module(source, tuple(imports), tuple(each[1] for each in exports))


def _names(name: str, found: re.Match[str]) -> dict[str, str] | str:
    if found["names"] is None:
        return found["space"] or {}
    names = {}
    for item in filter(None, map(str.strip, found["names"].split(","))):
        named = NAMED.match(item)
        if named is None or named[1] == "default":
            raise JoinError(f"{name}: the import of {item!r} is of a form not known")
        names[named[1]] = named[2] or named[1]
    return names


def _join_styles(entry: str, read: Callable[[str], str]) -> Joined:
    """Put style sheets one after another. Imports come first in a sheet, as CSS has it."""

    def parse(name: str) -> _Module:
        text = CSS_COMMENT.sub("", _text(name, read))
        imports = []
        while found := CSS_IMPORT.match(text):
            imports.append((_resolve(name, found["path"]), ""))
            text = text[found.end() :]
        for word in ("@import", "@charset", "@namespace", "@layer"):
            if word in text:
                raise JoinError(f"{name}: {word} cannot stand within a joined sheet")
        # What url() names is found from the folder of the sheet.
        if posixpath.dirname(name) != posixpath.dirname(entry):
            raise JoinError(f"{name}: not in the folder of {entry}")
        return _Module(text.strip() + "\n", tuple(imports), ())

    sheets = _ordered(entry, parse)
    return Joined("".join(sheet.body for sheet in sheets.values()), b"", (*sheets,))


def _ordered(entry: str, parse: Callable[[str], _Module]) -> dict[str, _Module]:
    """Every file that ``entry`` leads to, once, after those that it imports."""
    done: dict[str, _Module] = {}

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            raise JoinError(f"a circle of imports: {' → '.join((*way, name))}")
        if name in done:
            return
        module = parse(name)
        for path, _ in module.imports:
            visit(path, (*way, name))
        done[name] = module

    visit(entry, ())
    return done


def _resolve(name: str, path: str) -> str:
    if not path.startswith(("./", "../")):
        raise JoinError(f"{name}: {path!r} is not a relative path")
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _text(name: str, read: Callable[[str], str]) -> str:
    try:
        return read(name)
    except (OSError, UnicodeDecodeError) as error:
        raise JoinError(f"{name}: {error!r}") from error


def _place(name: str, source: str, position: int) -> str:
    return f"{name}:{source.count(chr(10), 0, position) + 1}"


# Beside the entry, so that relative addresses in it stay right.


def joined_name(entry: str) -> str:
    """``js/main.joined.js`` for ``js/main.js``."""
    return re.sub(r"\.(js|css)\Z", r".joined.\1", entry)


def map_name(entry: str) -> str:
    """``js/main.joined.js.map`` for ``js/main.js``."""
    return joined_name(entry) + ".map"


def entry_of(name: str) -> str | None:
    """Return the entry that a joined file, or its source map, is made of; None for other names."""
    found = re.fullmatch(r"(.+)\.joined(\.js|\.css|\.js\.map)", name)
    return found[1] + found[2].removesuffix(".map") if found else None
