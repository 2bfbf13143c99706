"""Messages between a session and the side that gives it cells. Each is an object of JSON with its
`kind`; a reader must doubt those of a session: any code may have sent them.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import MISSING, asdict, dataclass, field, fields
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from ..core.nesting import is_too_deep

# The tool of a model whose calls are cells.
RUN_PYTHON = "run_python"
# A table, as `tables.Table` has it.
TABLE = "application/vnd.tokenfall.table+json"
# Beginnings of the types of charts, by what draws them; Vega's library also draws Vega-Lite.
_CHARTS = {
    "application/vnd.plotly.v": "plotly",
    "application/vnd.vegalite.v": "vega",
    "application/vnd.vega.v": "vega",
}

# Lists and objects in one message: a table has one a row. Millions take seconds to be made.
_MOST_INNER = 1_000_000

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")

# Of what a cell needs, and of the letters of one.
_MOST_NEEDS = 50
_LONGEST_NEED = 200

Stream = Literal["stdout", "stderr"]
Status = Literal["ok", "error", "interrupted"]


@dataclass(frozen=True, slots=True)
class Output:
    """Something was printed."""

    cell: int
    stream: Stream
    text: str


@dataclass(frozen=True, slots=True)
class Omitted:
    """A mark that so many printed characters are left out here."""

    cell: int
    characters: int


@dataclass(frozen=True, slots=True)
class Display:
    """Something is shown: `data` has its representations by MIME type. `is_value` says that it is
    the value of the cell's last expression.
    """

    cell: int
    data: dict[str, Any]
    is_value: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    """Takes away the cell's displays so far; where `waits`, once something new comes."""

    cell: int
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of the cell. `trace` is cut to the part that the cell's author can act on; `line` is
    one of the cell, counted from 1.
    """

    cell: int
    name: str
    message: str
    trace: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The end of the cell. `told` is its summary for a model; `notes` say what was capped."""

    cell: int
    status: Status
    took_s: float
    told: str
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the session's folder is new or changed. In the tab its bytes follow."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A file of the session's folder is not there any more."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A name of the session, as a list of them shows it. `size` is in bytes, None where unknown."""

    name: str
    type: str
    shape: str
    size: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Variables:
    """The names of the session."""

    variables: list[Variable]


@dataclass(frozen=True, slots=True)
class Needs:
    """Needs of a cell that the session does not meet: `modules` that it imports, `requirements`, as
    packages are asked for with their versions, and `hosts` of addresses that it may ask.
    """

    modules: list[str]
    requirements: list[str]
    hosts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Installed:
    """Packages were laid where they can be imported; `problems` say what could not be."""

    problems: list[str]


@dataclass(frozen=True, slots=True)
class Fetch:
    """A request for the page to carry, if it may: the answer names it by `request`. `headers` are
    pairs, `body` is in Base64.
    """

    request: int
    method: str
    url: str
    headers: list[list[str]]
    body: str


Message = (
    Output
    | Omitted
    | Display
    | Clear
    | Failure
    | Done
    | File
    | Gone
    | Variables
    | Needs
    | Installed
    | Fetch
)
KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in get_args(Message)}


def chart_kind(mime_type: str) -> str:
    """Name what draws a chart of this type, `plotly` or `vega`; empty where it is no chart."""
    kinds = (kind for start, kind in _CHARTS.items() if mime_type.startswith(start))
    return next(kinds, "")


def name_of(requirement: str) -> str:
    """The name in a requirement as PEP 503 has it; empty where there is none."""
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def asked_for(needs: Iterable[str]) -> list[str]:
    """Needs as a person can be asked about them: not many, each a short line."""
    return [one for one in needs if len(one) <= _LONGEST_NEED and one.isprintable()][:_MOST_NEEDS]


def written(message: Message) -> str:
    """The message as a line of JSON that any parser takes: no half of a surrogate pair, no NaN."""
    said = {"kind": type(message).__name__, **asdict(message)}
    text = json.dumps(said, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace").decode()


def read(line: bytes | str) -> Message | None:
    """Read a message; None where it is none that a session sends."""
    data = line.encode("utf-8", "replace") if isinstance(line, str) else line
    if is_too_deep(data) or data.count(b"[") + data.count(b"{") > _MOST_INNER:
        return None
    try:
        said = json.loads(data)
    except ValueError:
        return None
    kind = KINDS.get(said.pop("kind", "")) if _is_named(said) else None
    return _made(said, kind) if kind else None


def _is_named(said: object) -> bool:
    return isinstance(said, dict) and isinstance(said.get("kind"), str)


def _made(said: object, kind: Any) -> Any:
    """Make a value of this type; None where it does not fit."""
    known = {one.name: one for one in fields(kind)}
    if not isinstance(said, dict) or not said.keys() <= known.keys():
        return None
    values = {}
    for name, one in known.items():
        if name not in said:
            if one.default is MISSING and one.default_factory is MISSING:
                return None
            continue
        value = said[name]
        if get_args(one.type)[:1] == (Variable,) and isinstance(value, list):
            value = [_made(each, Variable) for each in value]
        if not _fits(value, one.type):
            return None
        values[name] = value
    return kind(**values)


def _fits(value: object, wanted: Any) -> bool:
    origin, of = get_origin(wanted), get_args(wanted)
    if origin is Literal:
        return value in of
    if origin is UnionType:
        return any(_fits(value, one) for one in of)
    if origin is list:
        return isinstance(value, list) and all(_fits(one, of[0]) for one in value)
    if origin is dict:
        return isinstance(value, dict)
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, wanted)
