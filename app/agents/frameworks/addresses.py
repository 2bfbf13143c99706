"""An address that answers: an agent that speaks AG-UI, or a server in OpenAI's style."""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from urllib.parse import urlsplit

from ... import transports
from ...core.errors import TransportError, UsageError, error_info
from ...core.events import Done, Error, Event
from ...core.running.chat import Chat
from ...providers import Provider, provider
from ...providers.models import list_models
from ..calling import TAKES_TOOLS
from ..request import Request
from . import tokenfall

# Ends of paths of servers in OpenAI's style: …/v1, …/api/v3, …/v1beta/openai.
_OPENAI = re.compile(r"/(?:v\d+\w*|openai)(?:/chat/completions)?/*$")


def answering(url: str) -> Callable[[Request], AsyncGenerator[list[Event]]]:
    """Let the server at the address answer: by the first model of its list, or as the agent that it
    is. A key, or another model, is for a `Chat` of ours.
    """
    if not _OPENAI.search(urlsplit(url).path):
        return tokenfall.answering(Chat(provider("ag-ui", base_url=url), "agent"))
    return _first_model(provider("other", base_url=url.partition("/chat/completions")[0]))


def _first_model(who: Provider) -> Callable[[Request], AsyncGenerator[list[Event]]]:
    chat: Chat | None = None

    async def answer(request: Request) -> AsyncGenerator[list[Event]]:
        nonlocal chat
        if chat is None:
            try:
                listed = await list_models(who, transports.default())
            except TransportError as error:
                yield [Error(error_info(error)), Done("error")]
                return
            if not listed.models:
                why = listed.error.message if listed.error else "it lists none"
                raise UsageError(f"{who.base_url} has no model to ask: {why}")
            chat = Chat(who, listed.models[0])
        async with aclosing(tokenfall.answering(chat)(request)) as batches:
            async for batch in batches:
                yield batch

    setattr(answer, TAKES_TOOLS, True)
    return answer
