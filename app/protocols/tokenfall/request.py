"""A question in our own wire format."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ...core.json_values import encoded
from ...core.messages import Message
from ...core.options import Options
from ..rendering import Rendered
from ..request_body import parsed
from ..takes import ANYTHING, Takes

NAME = "tokenfall"
MODELS_PATH = "/models"
# Has a server of runs ask whom it asks where nobody is named.
DEFAULT_MODEL = "default"


class ChatRequest(msgspec.Struct, omit_defaults=True):
    """A question as it goes over the wire: the conversation so far, ending with the question.

    `data` is whatever else the asker wants to tell; what `Options.extra` holds goes there.
    """

    messages: list[Message]
    model: str = ""
    options: Options = Options()
    stream: bool = True
    data: dict[str, Any] = {}


def render(
    messages: Sequence[Message],
    *,
    model: str,
    options: Options,
    stream: bool,
    habits: frozenset[str] = frozenset(),
    provider: str = "",
    takes: Takes = ANYTHING,
) -> Rendered:
    """The request that asks for the answer to `messages`. No habits."""
    plain = msgspec.structs.replace(options, extra={})
    request = ChatRequest(list(messages), model, plain, stream, options.extra)
    return Rendered("/chat", encoded(request))


def parse_request(body: bytes) -> ChatRequest:
    """Read a request.

    Raises:
        ProtocolError: It is none; the message says what is wrong with it.
    """
    return parsed(body, ChatRequest)
