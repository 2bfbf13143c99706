"""The form "Try it": a field for each parameter of a tool, and the result of a call."""

from collections.abc import Sequence
from typing import Any

from js import document

from ....core.text.pretty_json import pretty
from ...markdown.painter import show_as_it_is
from ...web.dom import Node, clone, find, listen, option, part, show
from ..sandbox.sandboxed import ToolDescription
from . import words
from .tool_fields import Field, fields


class TrialForm:
    """One form; a typed value stays while the tool has a parameter of that name."""

    def __init__(self) -> None:
        self._tools: list[ToolDescription] = []
        self._typed: dict[str, str] = {}
        self._fields: list[Field] = []
        listen(find("own-tool"), "change", lambda _: self._draw())

    @property
    def tool(self) -> ToolDescription | None:
        """The tool that is tried."""
        name = find("own-tool").value
        return next((tool for tool in self._tools if tool.name == name), None)

    def show(self, tools: Sequence[ToolDescription]) -> None:
        """Offer these tools."""
        if self._tools == list(tools):
            return
        chosen = find("own-tool").value
        self._tools = list(tools)
        names = [tool.name for tool in tools]
        find("own-tool").replaceChildren(*[option(name, name) for name in names])
        if chosen in names:
            find("own-tool").value = chosen
        show(find("own-which"), len(names) > 1)
        show(find("own-try"), bool(names))
        self._draw()

    def read(self) -> tuple[list[Field], dict[str, str]]:
        """Read the fields, and the text typed into each."""
        typed = {field.name: _text(_box(number)) for number, field in enumerate(self._fields)}
        self._typed |= typed
        return self._fields, typed

    def say(self, name: str, problem: str) -> None:
        """Say what is wrong with a field, and go there; nothing for "" anywhere."""
        for number, field in enumerate(self._fields):
            box, is_wrong = _box(number), field.name == name and bool(problem)
            box.setAttribute("aria-invalid", "true" if is_wrong else "false")
            part(box.closest(".field"), "problem").textContent = problem if is_wrong else ""
            if is_wrong:
                box.focus()

    def run(self) -> None:
        """Show that a call is on its way."""
        show(find("own-stop"), True)
        find("own-run").disabled = True
        find("own-stop").focus()
        find("own-took").textContent = words.WAITING_FOR_TOOL
        show(find("own-result"), False)

    def end(self, said: str, result: str = "", *, is_error: bool = False) -> None:
        """Show that the call has ended: `said` tells how, `result` is the text for a model."""
        had_focus = document.activeElement.isSameNode(find("own-stop"))
        find("own-run").disabled = False
        if had_focus:
            find("own-run").focus()
        show(find("own-stop"), False)
        find("own-took").textContent = said
        box = find("own-result")
        show_as_it_is(box, pretty(result))
        box.setAttribute("data-mood", "bad" if is_error else "good")
        show(box, bool(result))
        if result:
            box.scrollIntoView(False)

    def _draw(self) -> None:
        self.read()
        self._fields = [] if self.tool is None else fields(self.tool.parameters)
        made = [
            _made(number, field, self._typed.get(field.name))
            for number, field in enumerate(self._fields)
        ]
        find("own-fields").replaceChildren(*made)
        if not find("own-run").disabled:
            find("own-took").textContent = ""
            show(find("own-result"), False)


def _made(number: int, field: Field, typed: str | None) -> Node:
    made = clone("template-own-field")
    box = _control(field)
    box.id = f"own-field-{number}"
    label = made.querySelector("label")
    label.htmlFor = box.id
    label.textContent = field.name
    # The kind of the field says what it takes, but for JSON.
    takes = field.takes if field.kind == "json" else ""
    about = ". ".join(one for one in (field.about.removesuffix("."), takes) if one)
    for name, text in (("about", about), ("problem", "")):
        line = part(made, name)
        line.id = f"{box.id}-{name}"
        line.textContent = text
    box.setAttribute("aria-describedby", f"{box.id}-about {box.id}-problem")
    if field.required:
        box.setAttribute("aria-required", "true")
    label.after(box.closest(".select") or box)
    made.classList.toggle("wide", field.kind in ("text", "json"))
    if typed is not None:
        box.value = typed
    return made


def _control(field: Field) -> Node:
    if field.kind in ("choice", "switch"):
        box = clone("template-own-select").querySelector("select")
        choices = field.choices if field.kind == "choice" else ("true", "false")
        if not field.required and field.default not in choices:
            box.append(option(words.default_value(field.default), ""))
        for choice in choices:
            # The default is what an empty field stands for.
            is_default = not field.required and choice == field.default
            box.append(option(choice.strip('"'), "" if is_default else choice))
        box.value = "" if not field.required else choices[0]
    elif field.kind == "number":
        box = document.createElement("input")
        box.type, box.inputMode = "text", "decimal"
    else:
        box = document.createElement("textarea")
        box.rows = 1
        box.classList.toggle("code-box", field.kind == "json")
        box.spellcheck = field.kind == "text"
    if not field.required and box.tagName != "SELECT":
        box.placeholder = words.default_value(field.default)
    box.autocomplete, box.dir = "off", "auto"
    return box


def _box(number: int) -> Node:
    return find(f"own-field-{number}")


def _text(box: Any) -> str:
    return str(box.value) if box else ""
