"""A notebook of Jupyter as a chat: its texts are said, its code is cells that have run. Pure.

Nothing of it runs. Texts of a notebook are a person's, but for one that a chat was exported as
(`notebook`), where the person's begin with a mark.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...core.messages import Part, Role, Text, ToolCall, ToolResult
from ...documents.notebook import cells_of, output_text, text_of
from ...documents.problems import Unreadable
from ...history.foreign.talk import Said, Talk, chat_id, tree_of
from ...history.transfer import ImportProblem
from ...history.tree import Tree
from ...python.messages import RUN_PYTHON, Display, Done, Failure, Message, Output
from . import words

_APP = "Jupyter"
# Of what a cell has shown, in the result that a model reads.
_MOST_READ = 4_000
_OURS = "**You:** "
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class CellOutput(NamedTuple):
    """Outputs of a cell, by the id of its call and its code."""

    call_id: str
    code: str
    told: list[Message]


def from_notebook(name: str, data: bytes, now_ms: int) -> tuple[Tree, list[CellOutput]]:
    """Make a chat of a notebook; its id is the same each time.

    Raises:
        ImportProblem: It is no notebook, or an empty one; the message says so.
    """
    try:
        cells = cells_of(data)
    except Unreadable:
        raise ImportProblem(words.NO_NOTEBOOK) from None
    talk = Talk(title=name.removesuffix(".ipynb"))
    outputs: list[CellOutput] = []
    is_ours = any(text_of(cell.get("source")).startswith(_OURS) for cell in cells)
    for at, cell in enumerate(cells):
        source = text_of(cell.get("source"))
        if not source.strip():
            continue
        if is_ours and at == 0 and source.startswith("# "):
            talk.title = source.removeprefix("# ")
            continue
        if cell.get("cell_type") == "code":
            call_id = f"cell-{at + 1}"
            told = list(_told(cell, at + 1))
            outputs.append(CellOutput(call_id, source, told))
            _say(talk, "assistant", *_call(call_id, source, cell, told))
        elif is_ours and not source.startswith(_OURS):
            _say(talk, "assistant", Text(source))
        else:
            _say(talk, "user", Text(source.removeprefix(_OURS) if is_ours else source))
    for said in talk.said:
        said.parts = _joined(said.parts)
    tree = tree_of(_APP, talk, chat_id(_APP, talk), now_ms)
    if tree is None:
        raise ImportProblem(words.EMPTY_NOTEBOOK)
    return tree, outputs


def _say(talk: Talk, role: Role, *parts: Part) -> None:
    """Add parts, to the last message where it has the same role."""
    if not talk.said or talk.said[-1].role != role:
        before = talk.said[-1].id if talk.said else ""
        talk.said.append(Said(f"m{len(talk.said)}", role, [], before))
    talk.said[-1].parts.extend(parts)


def _joined(parts: list[Part]) -> list[Part]:
    """The parts, with texts that follow each other as one; a notebook may have a million."""
    found: list[Part] = []
    texts: list[str] = []
    for part in [*parts, None]:
        if isinstance(part, Text):
            texts.append(part.text)
            continue
        if texts:
            found.append(Text("\n\n".join(texts)))
            texts = []
        if part is not None:
            found.append(part)
    return found


def _call(
    call_id: str, code: str, cell: Mapping[str, Any], told: list[Message]
) -> tuple[ToolCall, ToolResult]:
    listed = cell.get("outputs")
    texts = map(output_text, listed if isinstance(listed, list) else ())
    read = "\n".join(filter(None, texts))
    read = read if len(read) <= _MOST_READ else f"{read[:_MOST_READ]}…"
    has_failed = any(isinstance(one, Failure) for one in told)
    call = ToolCall(call_id, RUN_PYTHON, json.dumps({"code": code}, ensure_ascii=False))
    return call, ToolResult(call_id, read, RUN_PYTHON, has_failed)


def _told(cell: Mapping[str, Any], number: int) -> Iterator[Message]:
    """Give the outputs of a cell as a session tells them."""
    outputs = cell.get("outputs")
    has_failed = False
    for one in outputs if isinstance(outputs, list) else ():
        if not isinstance(one, Mapping):
            continue
        match one.get("output_type"):
            case "stream":
                is_error = one.get("name") == "stderr"
                text = text_of(one.get("text"))
                yield Output(number, "stderr" if is_error else "stdout", text)
            case "display_data" | "execute_result" as kind:
                if shown := _bundle(one.get("data")):
                    yield Display(number, shown, is_value=kind == "execute_result")
            case "error":
                has_failed = True
                yield Failure(
                    number,
                    text_of(one.get("ename")) or "Error",
                    text_of(one.get("evalue")),
                    _trace(one),
                )
    yield Done(number, "error" if has_failed else "ok", 0.0, "")


def _trace(error: Mapping[str, Any]) -> str:
    """The traceback without its colours; the error alone where there is none."""
    lines = error.get("traceback")
    found = [one for one in lines if isinstance(one, str)] if isinstance(lines, list) else []
    return _COLOURS.sub("", "\n".join(found)) or output_text(error)


def _bundle(data: Any) -> dict[str, Any]:
    """The representations of a display; those of text may stand there as lists of lines."""
    if not isinstance(data, Mapping):
        return {}
    return {
        kind: value if kind.endswith("json") else text_of(value)
        for kind, value in data.items()
        if isinstance(kind, str)
    }
