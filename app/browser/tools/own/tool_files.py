"""A person's files of tools: their kept form, and the tools made of them. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from ....core.errors import UsageError
from ....core.tools.function_tool import Tool
from ..sandbox.sandboxed import ToolDescription
from . import words

_NO_FILE_NAME = re.compile(r"[^\w. -]+")
_NAME_CHARACTERS = 60


class ToolFile(msgspec.Struct, frozen=True):
    """A file as it was saved. The tools stand beside the source, so that nothing has to run before
    a model calls one of them.
    """

    name: str
    source: str
    tools: list[ToolDescription] = []


class EditorBuffer(msgspec.Struct):
    """A file as it stands in the editor. `saved` is the name it is kept under, empty for one that
    was never saved.
    """

    id: str
    name: str
    source: str
    saved: str = ""


class Runner(Protocol):
    """Runner of tools."""

    async def call(self, source: str, name: str, arguments: Mapping[str, Any]) -> str: ...


def tools_of(file: ToolFile, runner: Runner) -> list[Tool]:
    """The tools of a file, but for those that can't be offered to any model."""
    made = []
    for described in file.tools:
        try:
            made.append(tool_of(described, file.source, runner))
        except UsageError:  # what is kept was written by an earlier version, or by hand
            continue
    return made


def tool_of(described: ToolDescription, source: str, runner: Runner) -> Tool:
    """Make the tool whose calls go to the runner.

    Raises:
        UsageError: No model can call a tool that is described so.
    """

    async def call(**arguments: Any) -> str:
        return await runner.call(source, described.name, arguments)

    return Tool.from_schema(
        described.name,
        described.description,
        described.parameters,
        call,
        timeout_s=described.timeout_s,
    )


def problem(file: ToolFile, others: Sequence[ToolFile], taken: Iterable[str]) -> str:
    """Say why this file can't stand beside these others, empty where it can. `taken` are the names
    of the page's own tools.
    """
    if file.name in [other.name for other in others]:
        return words.file_name_taken(file.name)
    if not file.tools:
        return words.NO_FUNCTION
    owners = {tool.name: other.name for other in others for tool in other.tools}
    names = [tool.name for tool in file.tools]
    for name in names:
        if names.count(name) > 1:
            return words.tool_twice(name)
        if name in taken:
            return words.tool_is_the_pages(name)
        if name in owners:
            return words.tool_in_file(name, owners[name])
    return ""


def file_name(typed: str) -> str:
    """Make the name of a file as it is kept and downloaded: short, of plain characters, ending in
    .py; empty where nothing is left of it.
    """
    stem = _NO_FILE_NAME.sub(" ", typed).strip().removesuffix(".py")
    stem = "_".join(stem.split()).strip("._")[:_NAME_CHARACTERS]
    return f"{stem}.py" if stem else ""


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """Find a free name: this one, or the first one like it."""
    stem, known = wanted.removesuffix(".py"), set(taken)
    number = 1
    while wanted in known:
        number += 1
        wanted = f"{stem}_{number}.py"
    return wanted
