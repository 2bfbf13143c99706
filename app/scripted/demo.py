"""The Demo: an honest script that answers in the format of chat completions.

It needs no network and no model, so a static page has something to talk to; its slash commands
let a person see each failure that a provider can have.
"""

from hashlib import blake2b
from itertools import chain, count, cycle, islice
from time import time
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from ..core.nesting import is_too_deep
from ..core.wire.transport import Request
from . import demo_markdown, demo_tools
from . import demo_texts as texts
from .openai_chat import (
    Answer,
    Source,
    TokenCount,
    ToolCall,
    body,
    error_body,
    error_record,
    models_body,
    records,
    streamed,
    whole,
    words,
)
from .steps import Cut, Pause, Reply, Send, Stall, Step

MODEL = "demo"

# A pace that the eye can follow: 40 words a second.
_PAUSE_MS = 25.0
# /long is for looking at long answers, so it hurries.
_LONG_PAUSE_MS = 2.0
_LONG_DEFAULT_WORDS = 500
_LONG_LIMIT_WORDS = 50_000
# How long the script pretends to work on a non-streaming answer.
_SYNC_PAUSE_MS = 400.0
_QUOTED_CHARACTERS = 80
_attempts = count()

_AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


class _StreamOptions(msgspec.Struct):
    include_usage: bool = False


class _ChatRequest(msgspec.Struct):
    """The fields that the script looks at; unknown ones are ignored as real servers do."""

    messages: list[dict[str, Any]]
    model: str = MODEL
    tools: list[dict[str, Any]] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_tokens: _AtLeastOne | None = None
    max_completion_tokens: _AtLeastOne | None = None

    @property
    def limit(self) -> int | None:
        """The largest number of words to answer with, None for no limit."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def include_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage


def reply_for(request: Request) -> Reply:
    """Answer any request to the Demo's base URL: `/models` and `/chat/completions`."""
    path = urlsplit(request.url).path
    if request.method == "POST" and path.endswith("/chat/completions"):
        return reply(request.body)
    if request.method == "GET" and path.endswith("/models"):
        return models()
    return _refusal(404, f"no such address here: {request.method} {path}", "not_found")


def models() -> Reply:
    """Answer with the list of models, which has one."""
    return whole(models_body([MODEL], owned_by="tokenfall"))


def reply(request_body: bytes) -> Reply:
    """Choose an answer from the last user message, in streaming or sync form as asked."""
    if is_too_deep(request_body):
        return _refusal(400, "the request's JSON nests too deep", None)
    try:
        asked = msgspec.json.decode(request_body, type=_ChatRequest)
    except msgspec.MsgspecError as error:
        return _refusal(400, f"the request's JSON cannot be used: {error}", None)
    if asked.model != MODEL:
        sentence = f"The model `{asked.model}` does not exist or you do not have access to it."
        return _refusal(404, sentence, "model_not_found", param="model")
    said = _last_question(asked.messages)
    if results := demo_tools.results(asked.messages):
        return _answer(asked, request_body, demo_tools.told(results))
    command, _, argument = said.partition(" ")
    argument = argument.strip()
    match command:
        case "/error" if argument == "stream":
            return _error_in_stream(asked, request_body)
        case "/error":
            return _error(argument)
        case "/cut":
            return _broken_off(asked, request_body, Cut())
        case "/stall":
            return _broken_off(asked, request_body, Stall())
        case "/long":
            return _long(asked, request_body, argument)
        case "/reasoning":
            return _answer(asked, request_body, texts.REASONED, reasoning=texts.REASONING)
        case "/sources":
            return _answer(asked, request_body, texts.CITING, sources=texts.SOURCES)
        case "/retry":
            # Its own count of attempts, because each of them is the same request.
            return _error("429") if next(_attempts) % 2 == 0 else _answered(asked, request_body)
        case "/markdown":
            return _answer(asked, request_body, demo_markdown.TEXT)
        case "/tool":
            calls = (ToolCall("", texts.TOOL_NAME, texts.TOOL_ARGUMENTS),)
            return _tool_calls(asked, request_body, demo_tools.Calls(texts.TOOL_CALL, calls))
    offered = demo_tools.offered(asked.tools or [])
    if (calling := demo_tools.calls_for(said, offered)) is not None:
        return _tool_calls(asked, request_body, calling)
    if command.startswith("/"):
        return _answer(asked, request_body, texts.HELP)
    lowered = said.lower()
    if texts.GOES_ON in lowered:
        return _answer(asked, request_body, texts.REST)
    for words_of_it, text in texts.SUGGESTED.items():
        if words_of_it in lowered:
            return _answer(asked, request_body, text)
    quoted = _shortened(said).replace("`", "'")  # in a code span, so that it is no Markdown
    return _answer(asked, request_body, texts.GREETING.format(said=quoted))


def _answer(
    asked: _ChatRequest,
    request_body: bytes,
    text: str,
    *,
    reasoning: str = "",
    sources: tuple[Source, ...] = (),
    pause_ms: float = _PAUSE_MS,
) -> Reply:
    answer = _within_limit(asked, request_body, text, reasoning)
    answer = msgspec.structs.replace(answer, sources=sources)
    return _sent(asked, answer, pause_ms)


def _answered(asked: _ChatRequest, request_body: bytes) -> Reply:
    return _answer(asked, request_body, texts.RETRIED)


def _tool_calls(asked: _ChatRequest, request_body: bytes, calling: demo_tools.Calls) -> Reply:
    answer = _within_limit(asked, request_body, calling.text, calling.reasoning)
    if answer.finish_reason == "length" or not calling.calls:
        return _sent(asked, answer, _PAUSE_MS)
    calls = tuple(
        ToolCall(f"call_{answer.id[-12:]}{number or ''}", call.name, call.arguments)
        for number, call in enumerate(calling.calls)
    )
    asking = msgspec.structs.replace(answer, tool_calls=calls, finish_reason="tool_calls")
    return _sent(asked, asking, _PAUSE_MS)


def _sent(asked: _ChatRequest, answer: Answer, pause_ms: float) -> Reply:
    """Write the answer in the form that was asked for."""
    if not asked.stream:
        sent = whole(body(answer))
        return Reply(sent.status, sent.headers, sent.steps, before=(Pause(_SYNC_PAUSE_MS),))
    written = records(answer, include_usage=asked.include_usage)
    return streamed(_paced(written, pause_ms))


def _within_limit(asked: _ChatRequest, request_body: bytes, text: str, reasoning: str) -> Answer:
    """Cut reasoning, then text, where `max_tokens` ends, a word counting as a token."""
    thought, spoken = words(reasoning), words(text)
    limit = asked.limit
    finish_reason = "stop"
    if limit is not None and len(thought) + len(spoken) > limit:
        finish_reason = "length"
        thought = thought[:limit]
        spoken = spoken[: limit - len(thought)]
    return Answer(
        text="".join(spoken),
        reasoning="".join(thought),
        finish_reason=finish_reason,
        usage=TokenCount(
            input=sum(len(words(_text_of(message))) for message in asked.messages),
            output=len(thought) + len(spoken),
            reasoning=len(thought),
        ),
        model=MODEL,
        id="chatcmpl-" + blake2b(request_body, digest_size=12).hexdigest(),
        created=int(time()),
    )


def _paced(written: list[bytes], pause_ms: float) -> list[Step]:
    return [step for record in written for step in (Pause(pause_ms), Send(record))]


def _long(asked: _ChatRequest, request_body: bytes, argument: str) -> Reply:
    # The slice keeps int() from a number of thousands of digits, which it refuses.
    wanted = int(argument[:9]) if argument.isdecimal() else _LONG_DEFAULT_WORDS
    wanted = max(1, min(wanted, _LONG_LIMIT_WORDS))
    opening = words(texts.LONG_OPENING.format(count=wanted))
    paragraph = words("\n\n" + " ".join(texts.LONG_SENTENCES))
    text = "".join(islice(chain(opening, cycle(paragraph)), wanted))
    return _answer(asked, request_body, text, pause_ms=_LONG_PAUSE_MS)


def _broken_off(asked: _ChatRequest, request_body: bytes, ending: Step) -> Reply:
    """Begin an answer and end it badly; in sync form half of the JSON body."""
    answer = _within_limit(asked, request_body, texts.BROKEN_OFF, "")
    if not asked.stream:
        sent = body(answer)
        half = Send(sent[: len(sent) // 2])
        return Reply(200, whole(sent).headers, (half, ending))
    written = records(answer)[:-2]  # without the finish record and [DONE]
    return streamed([*_paced(written, _PAUSE_MS), ending])


def _error(code: str) -> Reply:
    if code not in texts.ERRORS:
        known = ", ".join(texts.ERRORS)
        return _refusal(400, f'the Demo has no error "{code}"; it has {known}, stream', None)
    status, message, type, word = texts.ERRORS[code]
    headers = {"retry-after": str(texts.RETRY_AFTER_S)} if status == 429 else {}
    return whole(error_body(message, type=type, code=word), status=status, headers=headers)


def _error_in_stream(asked: _ChatRequest, request_body: bytes) -> Reply:
    if not asked.stream:
        return _error("500")
    begun = _broken_off(asked, request_body, Cut()).steps[:-1]
    message = "The server had an error in the middle of its answer. (Played by the Demo.)"
    record = error_record(message, type="server_error", code="server_error")
    return streamed([*begun, Send(record)])


def _refusal(status: int, message: str, code: str | None, param: str | None = None) -> Reply:
    data = error_body(message, type="invalid_request_error", code=code, param=param)
    return whole(data, status=status)


def _last_question(messages: list[dict[str, Any]]) -> str:
    questions = [message for message in messages if message.get("role") == "user"]
    return _text_of(questions[-1]).strip() if questions else ""


def _text_of(message: dict[str, Any]) -> str:
    """The text of a message whose content is a string or a list of typed parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = (part.get("text") for part in content if isinstance(part, dict))
    return "".join(text for text in parts if isinstance(text, str))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED_CHARACTERS else line[: _QUOTED_CHARACTERS - 1] + "…"
