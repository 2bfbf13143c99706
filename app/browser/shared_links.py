"""Links that bring a chat, a prompt or tools: asked about before anything of them is kept."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from js import history as visited
from js import location, window

from ..history.transfer import SHARED, ImportProblem
from . import words
from .consent.consent import Consent
from .consent.request_list import Choice, ConsentRequest, Detail
from .web import toast
from .web.dom import listen
from .web.tasks import beside

_LOOK, _DROP = "look", "drop"


class Takers(NamedTuple):
    """Actions for each kind, once the person wants it."""

    chat: Callable[[bytes], Awaitable[None]]
    prompt: Callable[[str, str], None]
    tools: Callable[[str, str], None]


class SharedLinks:
    """Made before anything follows the address; `start` asks."""

    def __init__(self, consent: Consent, takers: Takers) -> None:
        self._consent = consent
        self._takers = takers
        self._came = self._taken()

    def start(self) -> None:
        """Ask about what came with the page's address, and with later ones."""
        listen(window, "hashchange", lambda _: self._open(self._taken()))
        self._open(self._came)

    def _taken(self) -> str:
        """Take out of the address what it brings, so that a reload brings nothing anew."""
        fragment = str(location.hash)
        if not fragment.startswith(SHARED):
            return ""
        visited.replaceState(None, "", "#/")
        return fragment

    def _open(self, fragment: str) -> None:
        if not fragment:
            return
        from ..history.shared import from_fragment  # rarely needed

        try:
            shared = from_fragment(fragment)
        except ImportProblem as problem:
            toast.show(str(problem))
            return
        beside(self._ask(shared))

    async def _ask(self, shared: Any) -> None:
        if await self._consent.ask(_request(shared)) != _LOOK:
            return
        match shared.kind:
            case "chat":
                await self._takers.chat(shared.text.encode())
            case "prompt":
                self._takers.prompt(shared.name, shared.text)
            case "tools":
                self._takers.tools(shared.name, shared.text)


def _request(shared: Any) -> ConsentRequest:
    # A chat is looked at as a chat, where nothing of it has any power.
    text = () if shared.kind == "chat" else (Detail(words.SHARED_TEXT, shared.text),)
    return ConsentRequest(
        kind="shared",
        asks=words.SHARED_ASKS[shared.kind],
        choices=(
            Choice(_LOOK, words.SHARED_YES[shared.kind], is_yes=True),
            Choice(_DROP, words.SHARED_NO),
        ),
        details=(Detail(words.SHARED_NAME, shared.name), *text),
    )
