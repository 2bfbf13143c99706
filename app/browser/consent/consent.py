"""The one place where a person is asked for a yes.

Leave is asked for here and nowhere else: for a tool that a model calls, a chat from a file with
settings of its own, a link to another host. The room of these requests stands above the message
box, outside of all that a model, a provider or a file can draw in.

    request = ConsentRequest(
        kind="link",
        asks=words.OPEN_LINK,
        choices=(Choice("open", words.OPEN, is_yes=True), Choice("stay", words.STAY)),
        details=(Detail(words.ADDRESS, address),),
    )
    if await consent.ask(request) == "open":
        ...

`asks` and the labels of the choices are the page's own words. A stranger's words go into `name` and
`details`, and are shown letter by letter as they are; nobody needs to clean it before. `ask` gives
the id of the choice, or None where the request was withdrawn: by `withdraw`, or by the cancellation
of the task that asked. So only one of the given choices is ever a yes.
"""

import asyncio
from collections.abc import Callable

from ...core.text.visible_text import visible
from ..web.dom import announce, is_typing
from . import words
from .request_list import ConsentRequest, RequestList


class Consent:
    """The requests that wait for the person, in the order in which they came."""

    def __init__(self, go_back: Callable[[], None]) -> None:
        """`go_back` takes the focus where nothing is asked any more."""
        self._waiting: dict[ConsentRequest, asyncio.Future[str | None]] = {}
        self._new: list[ConsentRequest] = []
        self._is_due = False
        self._shown_chat = ""
        self._room = RequestList(self._press)
        self._go_back = go_back

    @property
    def is_asking(self) -> bool:
        """Tell whether anything is asked."""
        return bool(self._waiting)

    def ask(self, request: ConsentRequest) -> asyncio.Future[str | None]:
        """Ask; give the id of the person's choice, or None where it was withdrawn."""
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self.withdraw(request))  # also when it is cancelled
        self._waiting[request] = answer
        self._new.append(request)
        self._show_soon()
        return answer

    def withdraw(self, request: ConsentRequest) -> None:
        """Ask no more; does nothing where it has been answered."""
        answer = self._waiting.pop(request, None)
        if answer is not None:
            if not answer.done():
                answer.set_result(None)
            self._show_soon()

    def withdraw_chat(self, chat_id: str) -> None:
        """Ask nothing more of this chat: it is gone."""
        for request in list(self._waiting):
            if request.chat is not None and request.chat.id == chat_id:
                self.withdraw(request)

    def show_chat(self, chat_id: str) -> None:
        """Name the chat beside each request that is not of the shown one."""
        self._shown_chat = chat_id
        self._show_soon()

    def press_first(self, *, is_yes: bool) -> None:
        """Press the likeliest yes, or the no, of the request that has the focus, else of the first.
        It counts as a press of that button does: only where that has been seen for a moment.
        """
        self._room.press_first(is_yes=is_yes)

    def _press(self, request: ConsentRequest, choice: str) -> None:
        answer = self._waiting.pop(request, None)
        if answer is None or answer.done():
            return
        answer.set_result(choice)
        self._show()
        self._go_on()

    def _go_on(self) -> None:
        """Go to the next request, or back: the one with the focus is gone."""
        if not self._room.focus():
            self._go_back()

    def _show_soon(self) -> None:
        """Show changes, once for all that come together."""
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._show)

    def _show(self) -> None:
        self._is_due = False
        had_focus = self._room.has_focus
        self._room.show(list(self._waiting), self._shown_chat)
        if had_focus and not self._room.has_focus:
            self._go_on()
        new = [request for request in self._new if request in self._waiting]
        self._new.clear()
        if new:
            self._call_for(new[0])

    def _call_for(self, request: ConsentRequest) -> None:
        """Tell a screen reader; give the focus to a person who does not write."""
        chat = request.chat
        is_elsewhere = chat is not None and chat.id != self._shown_chat
        spoken = request.spoken or f"{request.asks} {visible(request.name)}".strip()
        if chat is not None and is_elsewhere:
            spoken = f"{spoken} {words.asked_in(visible(chat.title) or words.UNTITLED)}"
        announce(spoken)
        if not is_elsewhere and not is_typing() and not self._room.has_focus:
            self._room.focus(request)
