"""Fields for the options of answers: a chat's in the drawer, the defaults in the dialog."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ..settings.answer_options import FIELDS, Field, Prompt, Standing, Wrong, shown
from ..web import link_copying, menu, toast
from ..web import words as web_words
from ..web.dom import Node, clone, find, listen, part, show
from ..web.menu import Item
from . import words


class AnswerFields:
    """One set of fields, put into the element `place`. Each is marked with the name of its setting.

    `prompts()` gives the kept prompts, `keep_prompts` takes them changed. `changed(name, value)` is
    called for each valid change of a field, None for an empty one; `offered(name)` for a press of
    what its standing offers.
    """

    def __init__(
        self,
        place: Node,
        prompts: Callable[[], Sequence[Prompt]],
        keep_prompts: Callable[[list[Prompt]], None],
        changed: Callable[[str, Any], None],
        offered: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._root = clone("template-answer-fields")
        self._prompts = prompts
        self._keep_prompts = keep_prompts
        self._changed = changed
        number = find("template-answer-fields").getAttribute("data-made") or "0"
        find("template-answer-fields").setAttribute("data-made", f"{int(number) + 1}")
        for field in FIELDS:
            problem = self._problem(field)
            problem.id = f"answer-{field.name}-{number}"
            described = [problem.id]
            if note := self._root.querySelector(f'[data-note="{field.name}"]'):
                note.id = f"note-{field.name}-{number}"
                described.append(note.id)
            self._box(field).setAttribute("aria-describedby", " ".join(described))
        place.append(self._root)
        listen(self._root, "input", self._on_input)
        listen(self._root, "keydown", self._on_key)
        listen(self._root, "click", lambda event: self._on_click(event, offered))
        button = part(self._root, "prompts")
        listen(button, "click", lambda _: menu.open(button, self._items()))
        listen(part(self._root, "keep-prompt"), "click", lambda _: self._keep_prompt())

    def fill(self, values: Any, defaults: Any = None) -> None:
        """Show these values; empty fields say what the defaults are, where there are any."""
        for field in FIELDS:
            box = self._box(field)
            box.value = shown(getattr(values, field.name), field)
            self._say(field, "")
        self.show_defaults(defaults)
        show(part(self._root, "prompt-row"), False)

    def show_defaults(self, defaults: Any) -> None:
        """Let empty fields say what these defaults are; values in others stay."""
        for field in FIELDS:
            box = self._box(field)
            default = shown(getattr(defaults, field.name), field) if defaults else ""
            if box.tagName == "SELECT":
                empty = box.querySelector('option[value=""]')
                empty.textContent = words.default_is(default)
            else:
                box.placeholder = words.default_is(default)

    def show_standing(self, standings: Mapping[str, Standing]) -> None:
        """Grey out fields that the chosen model does not take, with the reason."""
        for field in FIELDS:
            note = self._root.querySelector(f'[data-note="{field.name}"]')
            if not note:
                continue
            stands = standings.get(field.name, Standing())
            self._box(field).disabled = stands.is_left_out
            part(note, "says").textContent = stands.note
            button = part(note, "offer")
            button.textContent = words.LEAVE_OUT if stands.offer is False else words.SEND_ANYWAY
            show(button, stands.offer is not None)
            show(note, bool(stands.note))

    def read(self) -> tuple[dict[str, Any], str]:
        """Read the values of all fields, and the error of the first that is not valid."""
        values: dict[str, Any] = {}
        first = ""
        for field in FIELDS:
            try:
                values[field.name] = self._value(field)
            except Wrong as problem:
                self._say(field, str(problem))
                first = first or str(problem)
        return values, first

    def _box(self, field: Field) -> Node:
        return self._root.querySelector(f'[data-field="{field.name}"]')

    def _problem(self, field: Field) -> Node:
        return self._root.querySelector(f'[data-problem="{field.name}"]')

    def _value(self, field: Field) -> Any:
        text = str(self._box(field).value)
        return field.read(text) if text.strip() else None

    def _say(self, field: Field, problem: str) -> None:
        self._problem(field).textContent = problem
        self._box(field).setAttribute("aria-invalid", "true" if problem else "false")

    def _on_click(self, event: Any, offered: Callable[[str], None]) -> None:
        note = event.target.closest("[data-note]")
        if note and event.target.closest("button"):
            offered(str(note.getAttribute("data-note")))
            self._box(next(one for one in FIELDS if one.name == note.dataset.note)).focus()

    def _on_input(self, event: Any) -> None:
        name = event.target.getAttribute("data-field")
        field = next((one for one in FIELDS if one.name == name), None)
        if field is None:
            return
        try:
            value = self._value(field)
        except Wrong as problem:
            self._say(field, str(problem))
            return
        self._say(field, "")
        self._changed(field.name, value)

    # Prompts that are kept under a name

    def _instructions(self) -> Node:
        return self._box(FIELDS[0])

    def _items(self) -> list[Item]:
        now = str(self._instructions().value).strip()
        own = list(self._prompts())
        known = [*own, *(Prompt(*one) for one in words.PROMPTS)]
        items = [
            Item(one.name, partial(self._use, one.text), checked=one.text == now) for one in known
        ]
        keep = Item(words.KEEP_PROMPT, self._ask_name, enabled=bool(now), begins_group=True)
        send = [
            Item(words.link_to(one.name), partial(_share, one), begins_group=at == 0)
            for at, one in enumerate(own)
        ]
        drop = [
            Item(words.drop_prompt(one.name), partial(self._drop, one), danger=True) for one in own
        ]
        return [*items, keep, *send, *drop]

    def _use(self, text: str) -> None:
        self._instructions().value = text
        self._changed("instructions", text)

    def _ask_name(self) -> None:
        now = str(self._instructions().value).strip()
        name = next((one.name for one in self._prompts() if one.text == now), "")
        show(part(self._root, "prompt-row"), True)
        box = part(self._root, "prompt-name")
        box.value = name
        box.focus()

    def _on_key(self, event: Any) -> None:
        if event.target.getAttribute("data-part") != "prompt-name" or event.isComposing:
            return
        if event.key == "Enter":
            event.preventDefault()  # a form around it would be sent
            self._keep_prompt()
        elif event.key == "Escape":
            event.preventDefault()
            event.stopPropagation()
            self._close_name()

    def _keep_prompt(self) -> None:
        name = " ".join(str(part(self._root, "prompt-name").value).split())[:80]
        text = str(self._instructions().value).strip()
        if not name or not text:
            part(self._root, "prompt-name").focus()
            return
        others = [one for one in self._prompts() if one.name != name]
        self._keep_prompts([*others, Prompt(name, text)])
        self._close_name()
        toast.show(words.prompt_kept(name))

    def _close_name(self) -> None:
        show(part(self._root, "prompt-row"), False)
        part(self._root, "prompts").focus()

    def _drop(self, prompt: Prompt) -> None:
        before = list(self._prompts())
        self._keep_prompts([one for one in before if one != prompt])

        def undo() -> None:
            now = list(self._prompts())
            if all(one.name != prompt.name for one in now):  # else it was kept again meanwhile
                now.insert(before.index(prompt), prompt)
                self._keep_prompts(now)

        toast.show(words.prompt_dropped(prompt.name), web_words.UNDO, undo)


def _share(prompt: Prompt) -> None:
    link_copying.copy("prompt", prompt.name, prompt.text)
