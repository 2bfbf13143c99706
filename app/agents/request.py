"""The request to a function."""

import asyncio
import base64
from collections.abc import Callable, Generator, Sequence
from typing import Any, NoReturn

from ..core.errors import UsageError
from ..core.file_names import type_by_name
from ..core.json_values import json_text
from ..core.messages import File, Message, Part, Text
from ..core.options import ToolDefinition
from ..core.text.text_files import attached, own_text, unframed
from ..protocols.data_urls import data_url

# How a question of the function's reads as a call: the person says yes or no to it.
ASK = "ask"

_NO = "deny"

# Tells a question, by its name and its arguments; gives the person's decision.
Ask = Callable[[str, str], "asyncio.Future[str]"]


class Request:
    """One question to a function, with the conversation before it.

    `state` is a dict of the chat, kept between its questions for as long as the program runs.
    `user` names the asking person, "" where nobody has said it. `tools` are those of the page: an
    answer that ends with calls of them is asked for once more, with their results.
    """

    def __init__(
        self,
        messages: list[Message],
        *,
        state: dict[str, Any] | None = None,
        user: str = "",
        ask: Ask | None = None,
        tools: Sequence[ToolDefinition] = (),
    ) -> None:
        self.messages = messages
        self.state = {} if state is None else state
        self.user = user
        self.tools = list(tools)
        self._ask = ask
        self._is_aborted = False
        # Behind the question may stand calls of the page's tools, and their results.
        asked = [place for place, one in enumerate(messages) if one.role == "user"]
        self._place = asked[-1] if asked else len(messages) - 1

    @property
    def message(self) -> str:
        """The text of the question, without those of attached files."""
        return own_text(self.messages[self._place]) if self.messages else ""

    @property
    def history(self) -> list[Message]:
        """The messages before the question."""
        return self.messages[: self._place]

    @property
    def files(self) -> list[File]:
        """The files attached to the question, texts too; `url` is a data URL or an address."""
        parts = self.messages[self._place].parts if self.messages else []
        return [_file(part) for part in attached(parts)]

    @property
    def aborted(self) -> bool:
        """Tell whether nobody waits for the answer any more."""
        return self._is_aborted

    def abort(self) -> None:
        """Say that nobody waits for the answer any more."""
        self._is_aborted = True

    def ask(self, question: str, **details: Any) -> "Asking":
        """Ask the person, with the details they should know; awaited, it gives their yes or no.

        Raises:
            UsageError: There is nobody to ask.
        """
        if self._ask is None:
            raise UsageError("nobody can be asked here")
        return Asking(self._ask, json_text({"question": question} | details))


class Asking:
    """A question to the person, asked where it is awaited. It is itself neither yes nor no: a
    function that forgets to await must not go on as if the person had agreed.
    """

    def __init__(self, ask: Ask, arguments: str) -> None:
        self._ask = ask
        self._arguments = arguments

    def __await__(self) -> Generator[Any, None, bool]:
        decision = yield from self._ask(ASK, self._arguments).__await__()
        return decision != _NO

    def __bool__(self) -> NoReturn:
        raise UsageError("request.ask gives its answer where it is awaited: await request.ask(…)")


def _file(part: Part) -> File:
    if isinstance(part, File):
        return part
    name, content = unframed(part) or ("", "")
    kind = type_by_name(name) or "text/plain"
    data = base64.b64encode(content.encode("utf-8", "replace")).decode()
    return File(data_url(kind, data), kind, name)


def texts(*said: str) -> list[Message]:
    """A conversation of these texts, question and answer by turns; for tests and trials."""
    roles = ("user", "assistant")
    return [
        Message(roles[place % 2], [Text(text)], status="complete")  # type: ignore[arg-type]
        for place, text in enumerate(said)
    ]
