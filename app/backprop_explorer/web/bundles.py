"""Bundle a page's modules into one file, and its style sheets into one; made on demand.

A browser discovers a module only in the module that imports it, and each request costs about 10 ms
before the first drawing: loading all modules one by one takes longer than everything else. The
single files remain the fallback. This bundler knows only the forms in which our files are written,
and refuses all others (``BundleError``).

In the bundle each module is a block of one strict module: its names stay local, its functions are
hoisted, ``await`` works. It reads its imports from ``modules$`` and stores its exports there::

    {const {slot, write: put} = modules$[3];
      …the source without comments, imports and the words ``export``; every line stays…
    modules$[7] = Object.freeze({mountTop});}

Bindings are not live. That is correct because only ``const``, ``function`` and ``class`` may be
exported, and cyclic imports are refused, so that an imported module has always run before. A list
``export{a as b}``, the form of minified libraries, must not name what changes later. A module with
``var`` runs in a function, because a block would share the name with all modules.

What ``import("./map.js")`` loads later is a part: a bundle of the modules that the first one has
not. It imports ``modules$`` from the first bundle, and keeps its own modules there by name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import orjson

IMPORT = re.compile(
    r"""import\s* (?: (?: \{(?P<names>[^{}]*)\} | \*\s*as\s+(?P<space>[\w$]+) )\s* from\s* )?
        (?P<quote>["'])(?P<path>[^"'\n]+)(?P=quote)\s*;""",
    re.VERBOSE,
)
NAMED = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?\Z")
EXPORT = re.compile(r"^export (?=(?:(?:async )?function\*? ?|class |const )([\w$]+))", re.MULTILINE)
EXPORT_LIST = re.compile(r"(?<![\w$.])export\s*\{(?P<names>[^{}]*)\}\s*(?:;|$|(?=\n))(?!\s*from\b)")
LATER = re.compile(r"""\bimport\s*\(\s*(?P<quote>["'])(?P<path>\.{1,2}/[^"'\n]+)(?P=quote)\s*\)""")
# Stands before the name of the module in an import() until the name of the bundle is known.
LATER_MARK = "later$:"
# Comments, strings and templates, which the checks skip. A backtick within ${…} or in a regular
# expression may end a match too early or too late; then the checks refuse too much, never too
# little.
TEXT = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*`""",
    re.VERBOSE | re.DOTALL,
)
VAR = re.compile(r"\bvar\b")
BEFORE_IMPORTS = re.compile(r"(?:\s+|/\*.*?\*/|//[^\n]*)*", re.DOTALL)
REFUSED = (
    # import(href): a module that is not part of the bundle
    (
        re.compile(r"\bimport\s*(?:\.|\((?!\s*[\w$]))"),
        "import.meta, and import() of a path that is not relative, are not supported",
    ),
    (re.compile(r"^[^\S\n]*import\b", re.MULTILINE), "unsupported form or place of an import"),
    (
        re.compile(r"(?:^[^\S\n]*|[;}]\s*)export(?=\s*[{*]|\s+\w)", re.MULTILINE),
        "unsupported form of an export",
    ),
    (re.compile(r"\bvar\b(?=.*\bawait\b)|\bawait\b(?=.*\bvar\b)", re.DOTALL), "var beside await"),
    (re.compile(r"\bmodules\$"), "the name modules$ is reserved"),
)
MEDIA_NAME = re.compile(r"@custom-media\s+(?P<name>--[\w-]+)\s+(?P<query>\([^()]*\))\s*;\s*")
MEDIA_RULE = re.compile(r"@(?:media|container)\b[^{;]*")
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS_IMPORT = re.compile(
    r"""\s*@import\s+(["'])(?P<path>[^"'\n]+)\1(?:\s+layer\((?P<layer>[\w-]+)\))?\s*;"""
)


class BundleError(ValueError):
    """A file cannot be bundled; the message names it and the reason."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The text, its source map, and the names of all sources, the entry last."""

    text: str
    map: bytes
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Module:
    """A parsed module or style sheet.

    ``imports`` are pairs: a file, and {exported name: local name} or the name of the namespace.
    ``exports`` are local names by exported name, ``later`` the modules that import() loads.
    """

    body: str
    imports: tuple[tuple[str, dict[str, str] | str], ...]
    exports: dict[str, str]
    has_var: bool = False
    later: tuple[str, ...] = ()


def join(entry: str, read: Callable[[str], str]) -> Bundle:
    """Bundle a module or a style sheet with all its imports; ``read`` returns a file's text.

    ``entry`` may be a part, see ``part_of``.

    Raises:
        BundleError: a file is missing, has a form that is not supported, or imports itself.
    """
    if entry.endswith(".css"):
        return _join_styles(entry, read)
    part, _, base = entry.removesuffix(".js").partition("@")
    return _join_part(entry, f"{part}.js", f"js/{base}.js", read) if base else _first(entry, read)


def part_of(module: str, base: str) -> str:
    """The entry of a part: ``js/a/map@main.js`` is ``js/a/map.js`` beside ``js/main.js``."""
    return f"{module.removesuffix('.js')}@{base.removeprefix('js/')}"


def _first(entry: str, read: Callable[[str], str]) -> Bundle:
    def parse(name: str) -> _Module:
        return _parse(name, _text(name, read))

    modules = _ordered(entry, parse)
    later = {each for module in modules.values() for each in module.later}
    for each in later:  # what is wrong with a part is known now, not when a reader opens it
        _ordered(each, parse)
    keys = {name: str(k) for k, name in enumerate(modules)}
    end = "export { modules$ };\n" if later else ""
    return _bundle(entry, entry, modules, keys, ("const modules$ = [];\n", end))


def _join_part(entry: str, part: str, base: str, read: Callable[[str], str]) -> Bundle:
    def parse(name: str) -> _Module:
        return _parse(name, _text(name, read))

    modules = _ordered(base, parse)
    keys = {name: str(k) for k, name in enumerate(modules)}
    for name in (everything := _ordered(part, parse)):
        keys.setdefault(name, f'"{name}"')
    path = posixpath.relpath(joined_name(base), posixpath.dirname(part))
    start = f'import {{ modules$ }} from "{path if path[0] == "." else f"./{path}"}";\n'
    names = ", ".join(everything[part].exports)
    end = f"export const {{ {names} }} = modules$[{keys[part]}];\n" if names else ""
    made = _bundle(entry, base, modules | everything, keys, (start, end))
    return Bundle(
        made.text, made.map, (*modules, *(name for name in everything if name not in modules))
    )


def _bundle(
    entry: str,
    base: str,
    modules: Mapping[str, _Module],
    keys: Mapping[str, str],
    ends: tuple[str, str],
) -> Bundle:
    """Bundle the modules; a part has those whose key is their name, unless they are there."""
    blocks = [ends[0]]
    sections = []
    line = 1
    for name, module in modules.items():
        if entry != base and keys[name].isdigit():
            continue
        heads = []
        for path, names in module.imports:
            if isinstance(names, str):
                heads.append(f"const {names} = modules$[{keys[path]}];")
                continue
            if missing := names.keys() - modules[path].exports.keys():
                raise BundleError(f"{name}: {path} exports no {', '.join(sorted(missing))}")
            taken = ", ".join(a if a == b else f"{a}: {b}" for a, b in names.items())
            heads.append(f"const {{{taken}}} = modules$[{keys[path]}];")
        given = ", ".join(a if a == b else f"{a}: {b}" for a, b in module.exports.items())
        start, end = ("(() => {", "})();") if module.has_var else ("{", "}")
        if entry != base:
            start = f"if (!({keys[name]} in modules$)) {start}"
        body = module.body
        for each in module.later:
            path = posixpath.relpath(joined_name(part_of(each, base)), posixpath.dirname(entry))
            body = body.replace(f"{LATER_MARK}{each}", path if path[0] == "." else f"./{path}")
        blocks.append(
            f"{start}{''.join(heads)}\n{body}\nmodules$[{keys[name]}] = "
            f"Object.freeze({{{given}}});{end}\n"
        )
        lines = body.count("\n") + 1
        sections.append(_section(entry, name, line + 1, lines))
        line += lines + 2
    address = f"//# sourceMappingURL={posixpath.basename(map_name(entry))}\n"
    text = "".join((*blocks, ends[1], address))
    return Bundle(
        text, orjson.dumps({"version": 3, "file": entry, "sections": sections}), (*modules,)
    )


def _section(entry: str, name: str, start: int, lines: int) -> dict[str, object]:
    """The section of the source map for one module whose lines begin at ``start``."""
    source = posixpath.relpath(name, posixpath.dirname(entry))
    # AAAA maps to line 0, column 0 of source 0; AACA maps to the next line.
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
    declared = list(EXPORT.finditer(source))
    for start, end in [*blank, *(each.span() for each in declared)]:
        source = source[:start] + _blank(source[start:end]) + source[end:]
    code = TEXT.sub(lambda text: _blank(text[0]), source)
    exports = {each[1]: each[1] for each in declared}
    for listed in EXPORT_LIST.finditer(code):
        exports |= {b: a for a, b in _named(name, listed["names"])}
        start, end = listed.span()
        source, code = (
            text[:start] + _blank(text[start:end]) + text[end:] for text in (source, code)
        )
    later = [each for each in LATER.finditer(source) if code.startswith("import", each.start())]
    for start, end in (each.span() for each in later):
        code = code[:start] + _blank(code[start:end]) + code[end:]
    for each in declared:
        if code[each.end()].isspace():
            raise BundleError(f"{_place(name, source, each.start())}: export within a string")
    for pattern, why in REFUSED:
        if refused := pattern.search(code):
            raise BundleError(f"{_place(name, source, refused.end())}: {why}")
    for each in reversed(later):
        marked = f'import("{LATER_MARK}{_resolve(name, each["path"])}")'
        source = source[: each.start()] + marked + source[each.end() :]
    body = TEXT.sub(_without_comment, source)
    return _Module(
        body,
        tuple(imports),
        exports,
        has_var=VAR.search(code) is not None,
        later=tuple(_resolve(name, each["path"]) for each in later),
    )


def _blank(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))


def _without_comment(text: re.Match[str]) -> str:
    """Drop a comment that begins a line: a third of the bytes. Code keeps its line and column."""
    start, end = text.span()
    before = text.string[text.string.rfind("\n", 0, start) + 1 : start]
    if before.strip() or not text[0].startswith(("//", "/*")):
        return text[0]
    *lines, last = text[0].split("\n")
    after, _, _ = text.string[end:].partition("\n")
    return "\n" * len(lines) + (" " * len(last) if after.strip() else "")


def _names(name: str, found: re.Match[str]) -> dict[str, str] | str:
    if found["names"] is None:
        return found["space"] or {}
    return dict(_named(name, found["names"]))


def _named(name: str, names: str) -> Iterator[tuple[str, str]]:
    """The pairs of "a, b as c": (a, a), (b, c)."""
    for item in filter(None, map(str.strip, names.split(","))):
        named = NAMED.match(item)
        if named is None or "default" in named.groups():
            raise BundleError(f"{name}: unsupported name {item!r}")
        yield named[1], named[2] or named[1]


def _join_styles(entry: str, read: Callable[[str], str]) -> Bundle:
    """Concatenate style sheets, each in the cascade layer that its import names.

    CSS requires imports at the beginning of a sheet. Conditions that one of the sheets names are
    written out in all of them.
    """
    layers: dict[str, str] = {}

    def parse(name: str) -> _Module:
        text = CSS_COMMENT.sub("", _text(name, read))
        imports = []
        while found := CSS_IMPORT.match(text):
            path = _resolve(name, found["path"])
            imports.append((path, ""))
            if found["layer"]:
                layers[path] = found["layer"]
            text = text[found.end() :]
        for word in ("@import", "@charset", "@namespace", "@layer"):
            if word in text:
                raise BundleError(f"{name}: {word} is not supported in a bundle")
        if imports and name in layers:
            raise BundleError(f"{name}: @import within a layer is not supported in a bundle")
        # url() is relative to the folder of the sheet.
        if posixpath.dirname(name) != posixpath.dirname(entry):
            raise BundleError(f"{name}: must be in the folder of {entry}")
        return _Module(text.strip() + "\n", tuple(imports), {})

    sheets = _ordered(entry, parse)
    parts = (
        f"@layer {layers[name]} {{\n{sheet.body}}}\n" if name in layers else sheet.body
        for name, sheet in sheets.items()
    )
    text = "".join(parts)
    return Bundle(written_out(text, media_names(text)), b"", (*sheets,))


def media_names(text: str) -> dict[str, str]:
    """Return the conditions that a style sheet names: ``@custom-media --phone (…);``."""
    return {each["name"]: each["query"] for each in MEDIA_NAME.finditer(text)}


def written_out(text: str, names: Mapping[str, str]) -> str:
    """Replace names of conditions, ``@media (--phone)``, which browsers do not know yet.

    Rules of containers use the same names.

    Raises:
        BundleError: a name is not in ``names``.
    """

    def condition(found: re.Match[str]) -> str:
        if found[1] not in names:
            raise BundleError(f"{found[1]} is not defined with @custom-media")
        return names[found[1]]

    def rule(found: re.Match[str]) -> str:
        return re.sub(r"\((--[\w-]+)\)", condition, found[0])

    return MEDIA_RULE.sub(rule, MEDIA_NAME.sub("", text))


def _ordered(entry: str, parse: Callable[[str], _Module]) -> dict[str, _Module]:
    """``entry`` and all files that it imports, each once and after its own imports."""
    done: dict[str, _Module] = {}

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            raise BundleError(f"cyclic imports: {' → '.join((*way, name))}")
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
        raise BundleError(f"{name}: {path!r} is not a relative path")
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _text(name: str, read: Callable[[str], str]) -> str:
    try:
        return read(name)
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{name}: {error!r}") from error


def _place(name: str, source: str, position: int) -> str:
    return f"{name}:{source.count(chr(10), 0, position) + 1}"


# Bundles are in the folder of the entry, so that relative addresses stay valid.


def joined_name(entry: str) -> str:
    """The name of a bundle: ``js/main.joined.js`` for ``js/main.js``."""
    return re.sub(r"\.(js|css)\Z", r".joined.\1", entry)


def map_name(entry: str) -> str:
    """The name of a source map: ``js/main.joined.js.map`` for ``js/main.js``."""
    return joined_name(entry) + ".map"


def entry_of(name: str) -> str | None:
    """Return the entry of a bundle or of its source map; None for other names."""
    found = re.fullmatch(r"(.+)\.joined(\.js|\.css|\.js\.map)", name)
    return found[1] + found[2].removesuffix(".map") if found else None
