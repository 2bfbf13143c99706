"""Summary of a cell for a model: short, and true about what is left out."""

import csv
import io
from typing import Any

from .messages import TABLE
from .plain import cut
from .tables import Table

# Of what was printed: the beginning and the end.
_HEAD_CHARACTERS = 3_000
_TAIL_CHARACTERS = 2_000
_MOST_VALUE = 4_000
_MOST_ROWS = 5
_MOST_COLUMNS = 60
# Of what a cell shows; the person sees all.
_MOST_DISPLAYS = 10

_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
_DRAWN = {
    "application/vnd.plotly.v1+json": "A Plotly figure",
    "application/vnd.vegalite": "A chart",
}


def of_bundle(bundle: dict[str, Any]) -> str:
    """Say a display in text: a table as its types and head, a picture as that it was shown."""
    plain = str(bundle.get("text/plain", ""))
    if TABLE in bundle:
        return _of_table(bundle[TABLE])
    for mime, words in _DRAWN.items():
        if any(name.startswith(mime) for name in bundle):
            return f"[{words}, shown to the person]"
    if any(mime in bundle for mime in _PICTURES):
        return f"[{cut(plain, 300)}, shown to the person]"
    for mime in ("text/markdown", "text/latex"):
        if mime in bundle:
            return cut(str(bundle[mime]), _MOST_VALUE)
    if "text/html" in bundle:
        return f"[{cut(plain, 300)}, shown to the person as HTML]"
    return cut(plain, _MOST_VALUE)


def of_cell(
    printed: tuple[str, str, int], shown: list[str], trace: str, notes: list[str], status: str
) -> str:
    """Put together the summary of a cell. `printed` is the beginning, the end, and how many
    characters between them nobody has seen.
    """
    parts = [_of_printed(*printed), *shown[:_MOST_DISPLAYS]]
    if len(shown) > _MOST_DISPLAYS:
        parts.append(f"[{len(shown) - _MOST_DISPLAYS} more were shown to the person]")
    parts += [trace, *(f"[{note}]" for note in notes)]
    text = "\n".join(part for part in parts if part)
    return text or ("[It was interrupted.]" if status == "interrupted" else "[No output.]")


def _of_printed(head: str, tail: str, omitted: int) -> str:
    if omitted:
        head, tail = _overwritten(head)[:_HEAD_CHARACTERS], _overwritten(tail)[-_TAIL_CHARACTERS:]
        return f"{head}\n[… most of what was printed is left out …]\n{tail}".rstrip("\n")
    text = _overwritten(head + tail).rstrip("\n")
    left_out = len(text) - _HEAD_CHARACTERS - _TAIL_CHARACTERS
    if left_out <= 0:
        return text
    note = f"[… {left_out:,} characters left out …]"
    return f"{text[:_HEAD_CHARACTERS]}\n{note}\n{text[-_TAIL_CHARACTERS:]}"


def _overwritten(text: str) -> str:
    """The text as a terminal leaves it: of a line that is written again and again, as a bar of
    progress is, the last state.
    """
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _of_table(data: dict[str, Any]) -> str:
    columns = data["columns"]
    label, total_rows, total_columns = data["label"], data["total_rows"], data["total_columns"]
    shape = Table(label, [], [], total_rows, total_columns).shape
    named = [one for one in columns if not one["is_index"]]
    types = ", ".join(f"{one['name']}: {one['type']}" for one in named[:_MOST_COLUMNS])
    left_out = total_columns - min(len(named), _MOST_COLUMNS)
    more = f", … {left_out:,} more columns" if left_out > 0 else ""
    head = io.StringIO()
    write = csv.writer(head, lineterminator="\n")
    write.writerow([one["name"] for one in columns[:_MOST_COLUMNS]])
    write.writerows(row[:_MOST_COLUMNS] for row in data["rows"][:_MOST_ROWS])
    first = "All rows" if total_rows <= _MOST_ROWS else f"The first {_MOST_ROWS} rows"
    return cut(
        f"{label}, {shape}, shown to the person\n{types}{more}\n{first}:\n"
        + head.getvalue().rstrip("\n"),
        _MOST_VALUE,
    )
