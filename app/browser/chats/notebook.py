"""A chat as a notebook of Jupyter, with its outputs. Pure.

As https://nbformat.readthedocs.io/en/latest/format_description.html has version 4.5.
"""

import json
from collections.abc import Sequence
from typing import Any

from ...history.markdown import code_span, emphasised, link
from ...history.tree import Tree
from ...python.messages import Clear, Display, Failure, Message, Output
from . import words
from .told_cells import Attached, Called, Ended, RunCell, Said, Thought, ToldOf, cells_of


def to_notebook(tree: Tree, told_of: ToldOf) -> str:
    """Write what is shown of a chat: texts as Markdown, cells with what they showed."""
    cells = []
    number = 0
    title = " ".join(tree.chat.title.split()) or "Chat"
    # Whoever reads a notebook back takes each text for what was said: no thoughts, therefore.
    shown = [one for one in cells_of(tree, told_of) if not isinstance(one, Thought)]
    for at, one in enumerate([Said(f"# {title}", "title"), *shown]):
        if isinstance(one, RunCell):
            number += 1
            cells.append(_code_cell(one, at, number))
        else:
            cells.append(_text_cell(_as_markdown(one), at))
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            "title": title,
        },
        "cells": cells,
    }
    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "replace").decode() + "\n"


def _as_markdown(one: Said | Attached | Called | Ended) -> str:
    match one:
        case Said(text=text, speaker=speaker):
            return text if speaker else f"**You:** {text}"
        case Attached():
            label = words.FILE if one.is_answered else words.ATTACHED
            name = link(one.name, one.address) or one.name
            return f"*{label}:* {name}" + (f" {words.LOST}" if one.is_lost else "")
        case Called(call=call):
            return f"*{words.TOOL_CALL}:* {code_span(call)}"
        case Ended(ending=ending):
            return emphasised(ending)


def _text_cell(text: str, at: int) -> dict[str, Any]:
    return {"id": f"cell-{at}", "cell_type": "markdown", "metadata": {}, "source": text}


def _code_cell(cell: RunCell, at: int, number: int) -> dict[str, Any]:
    outputs = _outputs(cell.told, number)
    if not cell.told and cell.read:  # what it showed is not kept; what the model read of it is
        outputs = [{"output_type": "stream", "name": "stdout", "text": cell.read}]
    return {
        "id": f"cell-{at}",
        "cell_type": "code",
        "metadata": {},
        "execution_count": number,
        "source": cell.code,
        "outputs": outputs,
    }


def _outputs(told: Sequence[Message], number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    clears = False
    for message in told:
        if clears and isinstance(message, Output | Display):
            found, clears = [], False
        match message:
            case Output(stream=stream, text=text):
                last = found[-1] if found else {}
                if last.get("output_type") == "stream" and last["name"] == stream:
                    last["text"] += text
                else:
                    found.append({"output_type": "stream", "name": stream, "text": text})
            case Display(data=data, is_value=is_value):
                kind = "execute_result" if is_value else "display_data"
                shown = {"output_type": kind, "metadata": {}, "data": _bundle(data)}
                found.append(shown | ({"execution_count": number} if is_value else {}))
            case Clear(waits=waits):
                found, clears = ([], False) if not waits else (found, True)
            case Failure(name=name, message=said, trace=trace):
                lines = trace.splitlines() or [f"{name}: {said}"]
                error = {"output_type": "error", "ename": name, "evalue": said}
                found.append(error | {"traceback": lines})
    return found


def _bundle(data: dict[str, Any]) -> dict[str, Any]:
    """Choose what a notebook holds: texts, and values of the types that are JSON."""
    kept: dict[str, Any] = {}
    for mime, value in data.items():
        is_json = mime == "application/json" or mime.endswith("+json")
        if is_json or isinstance(value, str):
            kept[mime] = value
    return kept
