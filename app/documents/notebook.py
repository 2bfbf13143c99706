"""A notebook of Jupyter (.ipynb) as cells. Source: https://nbformat.readthedocs.io/en/latest/format_description.html"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..core.nesting import is_too_deep
from .places import Place, divided
from .problems import Unreadable

_MOST_OUTPUT = 4_000


def notebook_places(data: bytes) -> Iterator[Place]:
    """Give the cells of a notebook, with what they have shown."""
    for number, cell in enumerate(cells_of(data), start=1):
        source = text_of(cell.get("source"))
        if cell.get("cell_type") != "code":
            yield from divided(f"cell {number}", source.split("\n"))
            continue
        shown = "\n".join(filter(None, map(output_text, _list(cell.get("outputs")))))
        output = f"\n\nOutput:\n{shown[:_MOST_OUTPUT]}" if shown else ""
        cut = "…" if len(shown) > _MOST_OUTPUT else ""
        yield from divided(f"cell {number}", f"```\n{source}\n```{output}{cut}".split("\n"))


def cells_of(data: bytes) -> list[Mapping[str, Any]]:
    """Read the cells of a notebook.

    Raises:
        Unreadable: It is no notebook.
    """
    if is_too_deep(data):
        raise Unreadable("damaged")
    try:
        read = json.loads(data)
    except ValueError:
        raise Unreadable("damaged") from None
    if not isinstance(read, Mapping):
        raise Unreadable("damaged")
    # Until version 4 they stood in sheets, and a cell's source had another name.
    sheets = [one for one in _list(read.get("worksheets")) if isinstance(one, Mapping)]
    found = _list(read.get("cells")) + [one for each in sheets for one in _list(each.get("cells"))]
    if not isinstance(read.get("cells"), list) and not sheets:
        raise Unreadable("damaged")
    cells = [one for one in found if isinstance(one, Mapping)]
    return [{"source": one.get("input"), **one} for one in cells]


def output_text(output: Any) -> str:
    """Write what a cell has shown, as text; of pictures their kind."""
    if not isinstance(output, Mapping):
        return ""
    if output.get("output_type") == "stream":
        return text_of(output.get("text")).rstrip("\n")
    if output.get("output_type") in ("error", "pyerr"):
        return f"{text_of(output.get('ename'))}: {text_of(output.get('evalue'))}"
    data = output.get("data")
    shown = data if isinstance(data, Mapping) else {"text/plain": output.get("text")}
    if plain := text_of(shown.get("text/plain")):
        return plain
    return ", ".join(f"({kind})" for kind in shown if isinstance(kind, str) and shown[kind])


def text_of(value: Any) -> str:
    """Read a text, which may be written as the list of its lines."""
    if isinstance(value, list):
        return "".join(one for one in value if isinstance(one, str))
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
