"""Write what follows from the OpenAPI document: make wire

The page's types (scripts/js/openapi/api.d.ts, by openapi-typescript), and in docs/wire.md the
tables between the marks BEGIN and END: below the heading of a route what it takes and answers, at
the end the objects in it. With --check nothing is written, and the files that are stale are named.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from backprop_explorer.api.router import API
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
TYPES = ROOT / "scripts" / "js" / "openapi" / "api.d.ts"
TEXT = ROOT / "docs" / "wire.md"
BEGIN, END = "<!-- by make wire -->", "<!-- end -->"
OBJECTS = "Objects"
JSON = "application/json"
REF = "#/components/schemas/"
# Words for what docs/wire.md explains once: arrays, and texts, which are paragraphs of pieces.
WORDS = {"TypedArray": "array", "TypedArrayGiven": "array", "ProsePiece": "piece"}
LISTS = {"number": "array", "number or null": "array", "array": "array"}
LISTS |= {"piece": "paragraph", "paragraph": "text"}

Schema = dict[str, Any]


def types(document: Schema) -> str:
    """The schemas in TypeScript. All formulas are there, because the page asks for them."""
    schemas = _for_types(document["components"]["schemas"])
    for schema in schemas.values():
        fields = schema["properties"]
        formulas = [name for name in fields if fields[name].get("$ref") == REF + "Formula"]
        schema["required"] = [*schema.get("required", []), *formulas]
    schemas["Formula"]["required"] = [*schemas["Formula"]["properties"]]
    given = json.dumps(document | {"paths": {}, "components": {"schemas": schemas}})
    # Its messages go to standard error.
    command = ["openapi-typescript"]
    return subprocess.run(
        command, input=given, stdout=subprocess.PIPE, check=True, encoding="utf-8"
    ).stdout


def _for_types(part: Any) -> Any:
    """Leave out titles, which repeat names, and the type of fields without a name.

    In TypeScript the named fields would need that type, too.
    """
    if isinstance(part, list):
        return [_for_types(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {
        key: _for_types(value)
        for key, value in part.items()
        if key != "title" or not isinstance(value, str)
    }
    more = "properties" in part and part.get("additionalProperties")
    return kept | {"additionalProperties": True} if more else kept


def described(document: Schema, text: str) -> str:
    """docs/wire.md with new tables. Each object has one, where it is first taken or answered."""
    routes = {
        f"{method.upper()} {path.removeprefix(API)}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    schemas = document["components"]["schemas"]
    parts = re.split(r"^(#{2,3} .*\n)", text, flags=re.MULTILINE)
    shown: dict[str, str] = {}
    for k in range(1, len(parts), 2):
        heading = parts[k].strip("# \n")
        if heading in routes:
            block = _route(routes.pop(heading), schemas, shown)
        elif re.match("[A-Z]+ /", heading):
            sys.exit(f"docs/wire.md: there is no route {heading}")
        elif heading == OBJECTS:
            block = _objects(schemas, shown)
        else:
            continue
        before, _, rest = parts[k + 1].partition(BEGIN)
        after = rest.partition(END)[2] or "\n\n"
        parts[k + 1] = f"{before.rstrip()}\n\n{BEGIN}\n\n{block}{END}{after}"
    if routes:
        sys.exit(f"docs/wire.md has no section {', '.join(routes)}")
    return "".join(parts)


def _route(operation: Schema, schemas: dict[str, Schema], shown: dict[str, str]) -> str:
    """What a route takes and answers."""
    query = {
        each["name"]: each for each in operation.get("parameters", []) if each["in"] == "query"
    }
    block = _table("query", query) if query else ""
    success = next(status for status in operation["responses"] if status.startswith("2"))
    for title, content in (
        ("Body", operation.get("requestBody", {"content": {}})["content"]),
        (
            "Answer" if success == "200" else f"Answer ({success})",
            operation["responses"][success]["content"],
        ),
    ):
        for media_type, described in content.items():
            names = re.findall(rf'"{REF}(\w+)"', json.dumps(described))
            links = _either(_link(name) for name in names)
            kind = "" if media_type == JSON else f", `{media_type.partition(';')[0]}`"
            block += f"{title}{kind}{links and ': '}{links}\n\n"
            for name in names:
                if name not in shown:
                    shown[name] = _object(name, schemas)
                    block += shown[name]
    return block


def _objects(schemas: dict[str, Schema], shown: dict[str, str]) -> str:
    """The objects in those that are shown, and in these, by name."""
    anchors = {name.lower(): name for name in schemas}
    more: dict[str, str] = {}
    while missing := {
        anchors[anchor]
        for part in (*shown.values(), *more.values())
        for anchor in re.findall(r"\]\(#(\w+)\)", part)
        if anchor in anchors
    } - {*shown, *more}:
        more |= {name: _object(name, schemas) for name in missing}
    return "".join(more[name] for name in sorted(more))


def _object(name: str, schemas: dict[str, Schema]) -> str:
    schema = schemas[name]
    table = _table("field", schema["properties"])
    return f"#### {name}\n\n{_one_line(schema.get('description', ''))}\n\n{table}"


def _table(title: str, fields: dict[str, Schema]) -> str:
    """A row for each field; for several together that have the same type and description."""
    rows: list[tuple[str, list[str]]] = []
    for name, field in fields.items():
        schema = field | field.get("schema", {})
        said = [_one_line(schema.get("description", ""))]
        default = schema.get("default")
        if default is not None and not isinstance(default, dict | list):
            said.append(f"default {_value(default)}")
        row = f"{_type(schema)} | {'; '.join(filter(None, said))}"
        if not rows or rows[-1][0] != row:
            rows.append((row, []))
        rows[-1][1].append(f"`{name}`")
    lines = [f"| {', '.join(names)} | {row} |" for row, names in rows]
    return "\n".join([f"| {title} | | |", "| --- | --- | --- |", *lines, "", ""])


def _type(schema: Schema) -> str:
    """The type of a field in words, with links to objects."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        return WORDS.get(name) or _link(name)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        kinds = [_type(option) for option in options]
        if "array" in kinds:
            kinds = [kind for kind in kinds if kind in {"array", "null", "string"}]
        if "list of boolean" in kinds:
            kinds = ["booleans in lists", "null"]
        return "piece" if "piece" in kinds else _either(kinds)
    if values := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return _either(map(_value, values))
    if schema.get("type") == "array":
        kind = _type(schema.get("items", {}))
        return LISTS.get(kind, f"list of {kind}")
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    return str(schema.get("type", "any"))


def _either(options: Iterable[str]) -> str:
    *first, last = dict.fromkeys(options) or [""]
    return f"{', '.join(first)} or {last}" if first else last


def _value(value: Any) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("``", "`")


def main() -> None:
    document = create_app(Settings(store=":memory:")).openapi()
    wanted = {TEXT: described(document, TEXT.read_text(encoding="utf-8")), TYPES: types(document)}
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" not in sys.argv:
        for path in stale:
            path.write_text(wanted[path], encoding="utf-8")
    elif stale:
        sys.exit(f"Run make wire: {', '.join(str(path.relative_to(ROOT)) for path in stale)}")


if __name__ == "__main__":
    main()
