"""A history that every provider accepts, whatever happened before.

Providers refuse a whole conversation for one loose end: a call without its result, a result without
its call, arguments that are no JSON object, a name or an id out of bounds, two questions in a row,
an empty turn, a signature that another one made.
"""

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

import msgspec

from ..core.messages import Message, Part, ProviderTool, Reasoning, Role, Text, ToolCall, ToolResult
from ..core.unanswered import NOT_RUN
from .rendering import as_object_text
from .tolerant import as_dict

# What all protocols take: https://platform.openai.com/docs/api-reference/chat/create and
# https://platform.claude.com/docs/en/api/messages say 64 letters, digits, `_` and `-`.
_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")
_MOST_OF_A_NAME = 64
_MOST_OF_AN_ID = 64
_NAMELESS = "unknown"

# What may follow a model's name where it is still the same model: a date, a version, a tag.
_SAME_MODEL = re.compile(r"[-@:](\d[\d.-]*|latest|preview[\d.-]*)?")


def settled(
    messages: Sequence[Message], protocol: str, provider: str, model: str = ""
) -> Iterator[Message]:
    """Yield the messages with every loose end tied, as `model` of `provider` may see them.

    Turns that say nothing (an answer that failed before its first word) are left out, and questions
    that then follow each other are one. After an answer with tool calls comes one message with a
    result for each, in the order of the calls; a call that was never answered gets a result that
    says so. Results without a call are left out. Calls have names and ids within bounds, each id
    once, and arguments that are a JSON object.

    What somebody else kept with an answer means nothing here, and is taken off: its reasoning, its
    own tools, the `extra` of its calls. So every `extra` that is left may be echoed. What another
    model of the same provider encrypted can't be read by this one.
    An answer that holds the results of its own tools is told step by step.
    """
    question: Message | None = None  # held back: another one may follow
    for message in _whole(messages, protocol, provider, model):
        if message.role == "user":
            question = message if question is None else _joined(question, message)
            continue
        if question is not None:
            yield question
            question = None
        yield message
    if question is not None:
        yield question


def _whole(
    messages: Sequence[Message], protocol: str, provider: str, model: str
) -> Iterator[Message]:
    steps = list(_steps(messages))
    # Behind the last question a model goes on from its own thoughts, whatever it calls itself.
    asked_at = max((n for n, one in enumerate(steps) if one.role == "user"), default=-1)
    results = _Results(steps)
    ids: set[str] = set()
    for place, message in enumerate(steps):
        if message.role == "tool":
            continue
        if message.role == "assistant":
            is_own = (message.protocol, message.provider) == (protocol, provider)
            parts = message.parts if is_own else _bare(message.parts)
            is_of_this_run = is_own and place > asked_at
            if not is_of_this_run and not is_same_model(message.model, model):
                parts = [part for part in parts if not _is_thought(part)]
            message = msgspec.structs.replace(message, parts=parts)
        calls = message.tool_calls
        if not (calls or message.text or message.refusal or message.files or _ran_tools(message)):
            continue
        if not calls:
            yield message
            continue
        answered = [(_bounded(call, ids), results.of(call, place)) for call in calls]
        bounded = iter([call for call, _ in answered])
        yield msgspec.structs.replace(
            message,
            parts=[next(bounded) if isinstance(one, ToolCall) else one for one in message.parts],
        )
        role: Role = "tool"
        yield Message(role, [_result(*pair) for pair in answered], status="complete")


class _Results:
    """The results in a history, each for the call of its own step: servers use ids again."""

    def __init__(self, steps: Sequence[Message]) -> None:
        self._results: defaultdict[str, deque[tuple[int, ToolResult]]] = defaultdict(deque)
        self._asked: defaultdict[str, deque[int]] = defaultdict(deque)
        for place, message in enumerate(steps):
            for part in message.parts:
                if isinstance(part, ToolResult):
                    self._results[part.call_id].append((place, part))
                elif isinstance(part, ToolCall):
                    self._asked[part.id].append(place)

    def of(self, call: ToolCall, place: int) -> ToolResult | None:
        """The result of a call of the message at `place`, before a later one uses its id.

        To be asked for each call once, in their order.
        """
        asked = self._asked[call.id]
        asked.popleft()
        later = next((one for one in asked if one > place), None)
        results = self._results[call.id]
        while results and results[0][0] < place:
            results.popleft()
        if results and (later is None or results[0][0] <= later):
            return results.popleft()[1]
        return None


def is_same_model(name: str, asked: str) -> bool:
    """Whether an answer's model is the one that is asked: providers tell the dated name.

    An empty name is not known, and taken to be the same.
    """
    name, asked = name.lower(), asked.lower()
    if not name or not asked or name == asked:
        return True
    if asked.endswith("-latest"):  # stands for any version: gemini-flash-latest
        return set(asked.removesuffix("-latest").split("-")) <= set(name.split("-"))
    longer, shorter = (name, asked) if len(name) > len(asked) else (asked, name)
    return longer.startswith(shorter) and bool(_SAME_MODEL.fullmatch(longer, len(shorter)))


def _bounded(call: ToolCall, ids: set[str]) -> ToolCall:
    """The call with a name, an id and arguments that every provider takes; adds its id."""
    return ToolCall(
        _bounded_id(call.id, ids), _bounded_name(call.name), as_object_text(call), call.extra
    )


def _bounded_name(name: str) -> str:
    return _NOT_IN_A_NAME.sub("_", name)[:_MOST_OF_A_NAME] or _NAMELESS


def _bounded_id(id: str, ids: set[str]) -> str:
    number = 0
    bounded = id
    while not bounded or bounded in ids or len(bounded) > _MOST_OF_AN_ID:
        number += 1
        # The same in every request, so that what a provider has cached stays good.
        text = f"{id}#{number}".encode("utf-8", "replace")
        bounded = f"call_{hashlib.sha256(text).hexdigest()[:24]}"
    ids.add(bounded)
    return bounded


def _result(call: ToolCall, result: ToolResult | None) -> ToolResult:
    if result is None:
        return ToolResult(call.id, NOT_RUN, call.name, is_error=True)
    return ToolResult(call.id, result.content, call.name, result.is_error)


def _joined(first: Message, second: Message) -> Message:
    """Two questions as one, with an empty line between their texts."""
    between: list[Part] = [Text("\n\n")] if first.text and second.text else []
    return msgspec.structs.replace(second, parts=[*first.parts, *between, *second.parts])


def _is_thought(part: Part) -> bool:
    """Whether it holds what a model thought; what OpenAI calls the phase of a text does not."""
    return isinstance(part, Reasoning) and (
        part.text != "" or set(as_dict(part.extra)) != {"phase"}
    )


def _ran_tools(message: Message) -> bool:
    """Whether the provider did something: it may have paused there, and goes on from it."""
    return any(isinstance(part, ProviderTool) and part.extra for part in message.parts)


def _bare(parts: Sequence[Part]) -> list[Part]:
    return [
        ToolCall(part.id, part.name, part.arguments) if isinstance(part, ToolCall) else part
        for part in parts
        if not isinstance(part, ProviderTool | Reasoning)
    ]


def _steps(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield the messages, those of several steps in parts: a step ends with its tools' results."""
    for message in messages:
        if message.role != "assistant" or not any(
            isinstance(part, ToolResult) for part in message.parts
        ):
            yield message
            continue
        parts: list[Part] = []
        results: list[Part] = []
        for part in message.parts:
            if isinstance(part, ToolResult):
                results.append(part)
                continue
            if results:
                yield msgspec.structs.replace(message, parts=parts)
                yield Message("tool", results, status="complete")
                parts, results = [], []
            parts.append(part)
        yield msgspec.structs.replace(message, parts=parts)
        if results:
            yield Message("tool", results, status="complete")
