"""Feedback on the source in the editor: its tools as a model sees them, or the error in it."""

from collections.abc import Callable, Sequence

from js import document

from ...web.dom import Node, clone, find, listen, part, show
from ..sandbox.sandboxed import ToolDescription
from . import words
from .tool_checks import Checked
from .tool_fields import Field, fields, signature


class ToolFeedback:
    """`go_to(line)` is called for the button that leads to the line of an error."""

    def __init__(self, go_to: Callable[[int], None]) -> None:
        self._line = 0
        listen(find("own-line"), "click", lambda _: go_to(self._line))

    def say(self, sentence: str, *, mood: str = "") -> None:
        """Say a sentence as "good", "bad", or neither."""
        state = find("own-state")
        state.textContent = sentence
        state.setAttribute("data-mood", mood)
        show(find("own-line"), False)

    def show_tools(self, checked: Checked, problem: str) -> None:
        """Show the tools as a model is told of them; `problem` says why the source can't be saved
        all the same.
        """
        names = [tool.name for tool in checked.tools]
        if checked.has_run:
            said = words.tools_found(names)
        elif names:
            said = words.tools_read(names, is_sure=not checked.unknown)
        else:
            said = words.TOOLS_KNOWN_LATER
        mood = "bad" if problem else "good" if checked.has_run else ""
        self.say(problem or said, mood=mood)
        find("own-tools-list").replaceChildren(
            *[_described(tool, checked.unknown.get(tool.name, ())) for tool in checked.tools]
        )

    def show_error(self, sentence: str, line: int | None) -> None:
        """Show the error in the source. The tools that it had are still shown."""
        self.say(sentence, mood="bad")
        self._line = line or 0
        if line:
            find("own-line").textContent = words.go_to_line(line)
            show(find("own-line"), True)

    def clear(self) -> None:
        self.say("")
        find("own-tools-list").replaceChildren()


def _described(tool: ToolDescription, unknown: Sequence[str]) -> Node:
    made = clone("template-own-tool")
    part(made, "signature").textContent = signature(tool.name, tool.parameters)
    part(made, "about").textContent = tool.description
    rows = part(made, "parameters")
    for field in fields(tool.parameters):
        is_known = field.name not in unknown
        rows.append(_element("dt", field.name), _element("dd", _about(field, is_known)))
    show(part(made, "more"), bool(rows.childElementCount))
    return made


def _about(field: Field, is_known: bool) -> str:
    takes = field.takes if is_known else words.KNOWN_LATER
    known = [takes, words.REQUIRED if field.required else words.default_value(field.default)]
    about = f" — {field.about}" if field.about else ""
    return ", ".join(one for one in known if one) + about


def _element(tag: str, text: str) -> Node:
    made = document.createElement(tag)
    made.textContent = text
    made.dir = "auto"
    return made
