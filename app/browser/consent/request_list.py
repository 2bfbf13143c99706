"""The requests for a person's yes: a list above the message box.

Every word from outside is text here, one letter for one letter, in a box of its own that scrolls;
the buttons are beside it and always seen. press_guard.mjs lets them take no press before they have
stood still for a moment.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from js import document
from tokenfall_page import guardPresses

from ...core.text.visible_text import laid_out, visible, visible_json
from ...history.records import ChatRecord
from ..web.dom import Node, clone, find, listen, part, show
from ..web.tasks import beside
from . import words

# So many are drawn, the rest as these are answered: a model may ask for a thousand at once.
_MOST_DRAWN = 10
# So much of a detail is drawn at first, and then with each step, in characters.
_PIECE = 20_000
# A longer text is not even read before somebody wants to see it.
_MOST_AT_ONCE = 500_000
# From here on it is said that there is more than the box shows.
_LONG_LINES = 6
_LONG_CHARACTERS = 400

# The first button that can be pressed.
_REACHED = '[data-part="rest"]:not([hidden]) button, button[data-choice]:not(:disabled)'

# Letters that are written from right to left turn the signs around them: `"א": "ב"` would show key
# and value in each other's place. Each text between quotes is kept apart, or else the line.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*+")')


class Choice(NamedTuple):
    """A button. One that `is_yes` gives leave, so it waits until all details have been shown."""

    id: str
    label: str
    is_yes: bool = False


class Detail(NamedTuple):
    """A part of a request's matter, whole. `is_arguments`: the text is laid out as the arguments of
    a tool.
    """

    label: str
    text: str
    is_arguments: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class ConsentRequest:
    """A request: see consent.py. `kind` names its sort; `name` its matter, in a word; `chat` is the
    chat that it comes from; `spoken` is told to a screen reader at once, in place of the question.

    The first choice is the likeliest yes, the last one changes nothing.
    """

    kind: str
    asks: str
    choices: Sequence[Choice]
    name: str = ""
    details: Sequence[Detail] = ()
    chat: ChatRecord | None = None
    spoken: str = ""


class RequestList:
    """Draws the requests; `pressed(request, choice)` is called when one is answered."""

    def __init__(self, pressed: Callable[[ConsentRequest, str], None]) -> None:
        self._pressed = pressed
        self._element = find("consent")
        self._list = part(self._element, "list")
        self._rows: dict[ConsentRequest, _Row] = {}
        guardPresses(self._element)
        listen(self._element, "click", self._on_click)
        listen(find("skip-to-consent"), "click", self._on_skip)

    @property
    def has_focus(self) -> bool:
        return bool(self._element.contains(document.activeElement))

    def show(self, requests: Sequence[ConsentRequest], shown_chat: str) -> None:
        """Show these, in their order; requests drawn already stay as they are."""
        drawn = requests[:_MOST_DRAWN]
        gone = [request for request in self._rows if request not in drawn]
        new = [request for request in drawn if request not in self._rows]
        for request in gone:
            self._rows.pop(request).element.remove()
        if gone or not self._rows:
            self._list.style.removeProperty("height")
        elif new and self._is_read():
            # The list grows upward: what comes later waits below the edge, and nothing moves.
            self._list.style.setProperty("height", f"{self._list.offsetHeight}px")
        for request in new:
            row = self._rows[request] = _Row(request)
            self._list.append(row.element)
        for row in self._rows.values():
            row.say_chat(shown_chat)
        part(self._element, "title").textContent = words.questions_wait(len(requests))
        rest = len(requests) - len(drawn)
        part(self._element, "more").textContent = words.more_questions(rest) if rest else ""
        show(part(self._element, "more"), bool(rest))
        show(self._element, bool(requests))
        show(find("skip-to-consent"), bool(requests))

    def focus(self, request: ConsentRequest | None = None) -> bool:
        """Go to the buttons of a request, or of the first; False where there is none."""
        first = next(iter(self._rows.values()), None)
        row = self._rows.get(request) if request is not None else first
        if row is None:
            return False
        row.element.querySelector(_REACHED).focus()
        return True

    def press_first(self, *, is_yes: bool) -> None:
        """Press the first choice or the last, of the request with the focus, else of the first."""
        rows = list(self._rows.values())
        focused = [row for row in rows if row.element.contains(document.activeElement)]
        for row in (focused or rows)[:1]:
            buttons = row.element.querySelectorAll("button[data-choice]")
            row.element.querySelector(_REACHED).focus()
            buttons[0 if is_yes else buttons.length - 1].click()

    def _is_read(self) -> bool:
        """Tell whether something has stood there long enough to be read."""
        return bool(self._list.querySelector("button[data-choice]:not([aria-disabled])"))

    def _on_click(self, event: Any) -> None:
        for request, row in self._rows.items():
            if not row.element.contains(event.target):
                continue
            if event.target.closest('[data-part="all"]'):
                beside(row.show_all())
            elif button := event.target.closest("button[data-choice]"):
                self._pressed(request, str(button.getAttribute("data-choice")))
            return

    def _on_skip(self, event: Any) -> None:
        event.preventDefault()  # the address names the chat
        self.focus()


class _Row:
    """One request."""

    def __init__(self, request: ConsentRequest) -> None:
        self.element: Node = clone("template-consent")
        self._request = request
        group = part(self.element, "group")
        group.setAttribute("aria-label", request.asks)
        group.setAttribute("data-kind", request.kind)
        part(self.element, "asks").textContent = request.asks
        part(self.element, "name").textContent = visible(request.name)
        show(part(self.element, "name"), bool(request.name))
        self._details = [_Shown(detail) for detail in request.details]
        part(self.element, "details").replaceChildren(*[one.element for one in self._details])
        part(self.element, "choices").replaceChildren(*self._buttons())
        self._let_choose()

    def say_chat(self, shown_chat: str) -> None:
        """Name its chat where another one is shown, and lead there."""
        chat = self._request.chat
        is_elsewhere = chat is not None and chat.id != shown_chat
        show(part(self.element, "chat"), is_elsewhere)
        if chat is not None:
            link = part(self.element, "chat-link")
            link.textContent = visible(chat.title) or words.UNTITLED
            link.href = f"#/chat/{chat.id}"

    async def show_all(self) -> None:
        """Draw the rest of long details."""
        for detail in self._details:
            await detail.show_rest()
        self._let_choose()

    def _buttons(self) -> list[Node]:
        made = []
        for choice in self._request.choices:
            button = document.createElement("button")
            button.type = "button"
            button.textContent = choice.label
            button.setAttribute("data-choice", choice.id)
            button.setAttribute("aria-disabled", "true")  # press_guard.mjs takes it away
            made.append(button)
        made[0].className = "primary"
        made[0].setAttribute("aria-keyshortcuts", "Control+Alt+Enter")
        made[-1].setAttribute("aria-keyshortcuts", "Control+Alt+Backspace")
        return made

    def _let_choose(self) -> None:
        """Offer the choices that give leave once every detail can be seen."""
        is_whole = all(one.is_whole for one in self._details)
        buttons = part(self.element, "choices").children
        for choice, button in zip(self._request.choices, buttons, strict=True):
            button.disabled = choice.is_yes and not is_whole
        show(part(self.element, "rest"), not is_whole)
        if not is_whole:
            part(self.element, "until").textContent = words.UNTIL_SHOWN
            total = sum(one.characters for one in self._details)
            part(self.element, "all").textContent = words.show_all(total)


class _Shown:
    """The text of a detail in its box, drawn piece by piece where it is long."""

    def __init__(self, detail: Detail) -> None:
        self.element: Node = clone("template-consent-detail")
        self._detail = detail
        self._text = detail.text
        self._clean = visible
        self._drawn = 0
        self._box = part(self.element, "text")
        self._box.setAttribute("aria-label", detail.label)
        part(self.element, "label").textContent = detail.label
        self._is_read = False
        if len(detail.text) <= _MOST_AT_ONCE:
            self._read()
            self._draw()
        self._say_extent()

    @property
    def characters(self) -> int:
        return len(self._text)

    @property
    def is_whole(self) -> bool:
        """Tell whether the whole text can be seen, if need be by scrolling."""
        return self._is_read and self._drawn >= len(self._text)

    async def show_rest(self) -> None:
        """Draw the missing text; the page comes between the pieces."""
        if not self._is_read:
            self._read()
        while not self.is_whole:
            await asyncio.sleep(0)
            self._draw()
        self._say_extent()

    def _read(self) -> None:
        self._is_read = True
        if not self._detail.is_arguments:
            return
        text = laid_out(self._detail.text)
        if text == "{}":
            self._text = words.NO_ARGUMENTS
        elif text is not None:
            self._text, self._clean = text, visible_json

    def _draw(self) -> None:
        end = self._drawn + _PIECE
        if end < len(self._text):  # pieces begin lines of their own
            end = self._text.rfind("\n", self._drawn + _PIECE // 2, end) + 1 or end
        piece = self._text[self._drawn : end]
        self._drawn += len(piece)
        # One that is far from what is seen is not laid out.
        block = document.createElement("span")
        block.className = "consent-piece"
        block.append(*_isolated(self._clean(piece)))
        self._box.append(block)

    def _say_extent(self) -> None:
        """Say how much there is, where the box does not show all of it at once."""
        lines = self._text.count("\n") + 1
        note = ""
        if not self.is_whole:
            note = words.begins(self._drawn, self.characters)
        elif lines > _LONG_LINES or self.characters > _LONG_CHARACTERS:
            note = words.extent(self.characters, lines)
        part(self.element, "extent").textContent = note
        show(part(self.element, "extent"), bool(note))


def _isolated(text: str) -> list[Any]:
    """The text as nodes: those with letters from right to left turn nothing beside them."""
    if not _RIGHT_TO_LEFT.search(text):
        return [text]
    nodes: list[Any] = []
    for line in text.splitlines(keepends=True):
        for run in _QUOTED.split(line):
            if _RIGHT_TO_LEFT.search(run):
                apart = document.createElement("bdi")
                apart.dir = "ltr"
                apart.textContent = run
                nodes.append(apart)
            elif run:
                nodes.append(run)
    return nodes
