"""A history that every provider accepts, whatever happened before.

Providers refuse a whole conversation for one loose end: a call without its result, a result without
its call, arguments that are no JSON object, a name or an id out of bounds, two questions in a row,
an empty turn, a signature that another one made.

Long, because the rules depend on each other's order.
"""

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeGuard

import msgspec

from ..core.messages import (
    File,
    Message,
    Part,
    ProviderTool,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from ..core.unanswered import NOT_RUN
from .rendering import as_object_text, file_name, is_image
from .tolerant import as_dict

# What all protocols take: https://platform.openai.com/docs/api-reference/chat/create and
# https://platform.claude.com/docs/en/api/messages say 64 letters, digits, `_` and `-`.
_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")
_MOST_OF_A_NAME = 64
# Servers of Chat Completions refuse more than 40: https://github.com/agno-agi/agno/issues/5382,
# https://github.com/BerriAI/litellm/issues/17343. No one is known to take other signs than these.
_ID_OF = {"openai-chat": re.compile(r"[!-~]{1,40}")}
_ID = re.compile(r"[!-~]{1,64}")
_NAMELESS = "unknown"

# What may follow a model's name where it is still the same model, as providers name a snapshot:
# -2025-08-07, -20250929, @20250929, -05-20, -0613, -001, -latest, :latest. One or two digits are
# another version (claude-opus-4-5), a word another model (-mini, -preview) or way (:online).
_SNAPSHOT = re.compile(
    r"[-@:](?:\d{4}-\d\d-\d\d|\d\d-\d\d|\d\d-\d{4}|\d{8}|\d{3,4}|latest)|@default"
)
# The part of a name that `-latest` may stand for.
_VERSION = re.compile(r"v?\d[\d.]*|preview")

# Stands before an answer that nothing was asked before, which many templates refuse.
_NOTHING_ASKED = "(The conversation begins with an answer.)"


# Tells whether a provider's tool, in this message, has come to no end that can be sent back.
IsOpen = Callable[[Message, ProviderTool], bool]


def settled(
    messages: Sequence[Message],
    protocol: str,
    provider: str,
    model: str = "",
    *,
    is_open: IsOpen = lambda *_: False,
) -> Iterator[Message]:
    """Yield the messages with every loose end tied, as `model` of `provider` may see them.

    Turns that say nothing (an answer that failed before its first word) are left out, and questions
    that then follow each other are one. After an answer with tool calls comes one message with a
    result for each, in the order of the calls; a call that was never answered gets a result that
    says so. Results without a call are left out. Calls have names and ids within bounds, each id
    once, and arguments that are a JSON object.

    Another provider's extras of an answer mean nothing here, and are taken off: its reasoning, its
    own tools, the `extra` of its calls. So every `extra` that is left may be echoed. Content that
    another model of the same provider encrypted or signed can't be read by this one. A tool of the
    provider that came to no end is left out too, unless the provider goes on from there. An answer
    that holds the results of its own tools is told step by step.
    """
    asked: list[Message] = []  # questions held back: another one may follow
    for message in _whole(messages, protocol, provider, model, is_open):
        if message.role == "user":
            asked.append(message)
            continue
        if asked:
            if not _says_nothing(question := _as_one(asked)):
                yield question
            asked = []
        yield message
    if asked:
        yield _as_one(asked)


def with_question_first(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages with a question before an answer that stands first, as in chats of other apps:
    many templates and some providers refuse it.
    """
    for place, message in enumerate(messages):
        if message.role == "assistant" and (message.tool_calls or not _says_nothing(message)):
            return [*messages[:place], user(_NOTHING_ASKED), *messages[place:]]
        if message.role == "user" and not _says_nothing(message):
            break
    return messages


def with_files_told(messages: Sequence[Message], unseen: Container[str] = ()) -> Sequence[Message]:
    """The messages with the words for each file that is only told of, and for those of the kinds
    that a model does not see ("images", "files"): one of them, and it refuses every later question.
    """
    return [
        msgspec.structs.replace(message, parts=list(_in_words(message, unseen)))
        if any(isinstance(part, File) for part in message.parts)
        else message
        for message in messages
    ]


def _in_words(message: Message, unseen: Container[str]) -> Iterator[Part]:
    before: Part | None = None
    for part in message.parts:
        told = _told(part, message.role, unseen) if isinstance(part, File) else ""
        if told:
            follows = isinstance(before, Text) and not before.text.endswith("\n")
            part = Text(f"\n\n{told}\n\n" if follows else f"{told}\n\n")
        before = part
        yield part


def _told(file: File, role: Role, unseen: Container[str]) -> str:
    """Give the words in place of a file, "" where it is sent itself."""
    if file.told:
        return file.told if role == "user" else ""
    kind = "images" if is_image(file) else "files"
    if kind not in unseen:
        return ""
    if file.text:
        return f"{file_name(file)}:\n{file.text}"
    what = "an image, which this model can't see" if kind == "images" else "a file"
    return f"({file_name(file)}: {what})"


def alternating(history: Iterable[Message]) -> list[Message]:
    """A history that was settled, as strict chat templates take it: all instructions first, as one,
    and no answer behind an answer.
    """
    instructions: list[Message] = []
    turns: list[list[Message]] = []
    for message in history:
        if message.role == "system":
            instructions.append(message)
            continue
        before = turns[-1][-1] if turns else None
        if before and before.role == message.role != "tool" and not before.tool_calls:
            turns[-1].append(message)
        else:
            turns.append([message])
    return [_as_one(messages) for messages in ([instructions] if instructions else []) + turns]


def _whole(
    messages: Sequence[Message],
    protocol: str,
    provider: str,
    model: str,
    is_open: IsOpen,
) -> Iterator[Message]:
    steps = list(_steps(messages))
    # Behind the last question a model goes on from its own thoughts, whatever it calls itself.
    asked_at = max((n for n, one in enumerate(steps) if one.role == "user"), default=-1)
    results = _Results(steps)
    who = protocol, provider
    ended = _ended_tools([one for one in steps if (one.protocol, one.provider) == who], is_open)
    ids: dict[str, int] = {}
    for place, message in enumerate(steps):
        if message.role == "tool":
            continue
        if message.role in ("user", "system"):  # an import may bring more with them
            asked = [part for part in message.parts if isinstance(part, Text | File)]
            message = msgspec.structs.replace(message, parts=asked)
        if message.role == "assistant":
            is_own = (message.protocol, message.provider) == who
            parts = message.parts if is_own else _bare(message.parts)
            is_of_this_run = is_own and place > asked_at
            if not is_of_this_run and not is_same_model(message.model, model):
                parts = [_unsigned(part) for part in parts if not _is_thought(part)]
            if not (is_of_this_run and message.status == "complete"):
                parts = [
                    part
                    for part in parts
                    if not isinstance(part, ProviderTool)
                    or part.id in ended
                    or not is_open(message, part)
                ]
            message = msgspec.structs.replace(message, parts=parts)
        calls = message.tool_calls
        asking = [one for one in message.parts if isinstance(one, ProviderTool) and one.asks_for]
        if message.role == "assistant" and _says_nothing(message) and not calls:
            continue
        if not calls and not asking:
            yield message
            continue
        form = _ID_OF.get(who[0], _ID)
        answered = [(_bounded(call, ids, form), results.of(call.id, place)) for call in calls]
        bounded = iter([call for call, _ in answered])
        yield msgspec.structs.replace(
            message,
            parts=[next(bounded) if isinstance(one, ToolCall) else one for one in message.parts],
        )
        role: Role = "tool"
        # The id by which a provider asks leave is its own, and stays as it is.
        leave = [(ToolCall(one.id, one.asks_for), results.of(one.id, place)) for one in asking]
        parts = [_result(*pair) for pair in (*answered, *leave)]
        yield Message(role, [*parts], status="complete")


def _says_nothing(message: Message) -> bool:
    return not (message.text.strip() or message.refusal or message.files or _ran_tools(message))


def _ended_tools(steps: Sequence[Message], is_open: IsOpen) -> set[str]:
    """The ids of the provider's tools that have an end: it may stand in the answer after."""
    return {
        part.id
        for message in steps
        for part in message.parts
        if isinstance(part, ProviderTool) and part.id and not is_open(message, part)
    }


class _Results:
    """The results in a history, each for the call of its own step: servers use ids again."""

    def __init__(self, steps: Sequence[Message]) -> None:
        self._results: defaultdict[str, deque[tuple[int, ToolResult]]] = defaultdict(deque)
        self._asked: defaultdict[str, deque[int]] = defaultdict(deque)
        for place, message in enumerate(steps):
            for part in message.parts:
                if isinstance(part, ToolResult):
                    self._results[part.call_id].append((place, part))
                elif message.role == "assistant" and _is_asked(part):
                    self._asked[part.id].append(place)

    def of(self, id: str, place: int) -> ToolResult | None:
        """The result of a call of the message at `place`, before a later one uses its id.

        To be asked for each call once, in their order.
        """
        asked = self._asked[id]
        asked.popleft()
        later = next((one for one in asked if one > place), None)
        results = self._results[id]
        while results and results[0][0] < place:
            results.popleft()
        if results and (later is None or results[0][0] <= later):
            return results.popleft()[1]
        return None


def _is_asked(part: Part) -> TypeGuard[ToolCall | ProviderTool]:
    """Tell whether a part wants a result."""
    return isinstance(part, ToolCall) or (isinstance(part, ProviderTool) and part.asks_for != "")


def is_same_model(name: str, asked: str) -> bool:
    """Tell whether an answer's model is the one that is asked: providers tell the dated name.

    An empty name is not known, and taken to be the same. In doubt it is another: then thoughts are
    left out, else a whole question is refused.
    """
    name, asked = name.lower(), asked.lower()
    if ("/" in name) != ("/" in asked):  # models/gemini-2.5-pro
        name, asked = name.rpartition("/")[2], asked.rpartition("/")[2]
    if not name or not asked or name == asked:
        return True
    if asked.endswith("-latest"):
        return _is_version_of(name, asked.removesuffix("-latest"))
    return _is_snapshot_of(name, asked) or _is_snapshot_of(asked, name)


def _is_snapshot_of(name: str, model: str) -> bool:
    return name.startswith(model) and _SNAPSHOT.fullmatch(name, len(model)) is not None


def _is_version_of(name: str, family: str) -> bool:
    """Tell whether a name is the family's with a version in it: gemini-3.8-flash."""
    left = name.split("-")
    for word in family.split("-"):
        if word not in left:
            return False
        left.remove(word)
    return all(map(_VERSION.fullmatch, left))


def _bounded(call: ToolCall, ids: dict[str, int], form: re.Pattern[str]) -> ToolCall:
    """The call with a name, an id and arguments that every provider takes; adds its id."""
    return ToolCall(
        _bounded_id(call.id, ids, form), _bounded_name(call.name), as_object_text(call), call.extra
    )


def _bounded_name(name: str) -> str:
    return _NOT_IN_A_NAME.sub("_", name)[:_MOST_OF_A_NAME] or _NAMELESS


def _bounded_id(id: str, ids: dict[str, int], form: re.Pattern[str]) -> str:
    """An id of its own. `ids` are those that are taken, with how often each was asked for again."""
    number, bounded = ids.get(id, 0), id
    while bounded in ids or not form.fullmatch(bounded):
        number += 1
        # The same in every request, so that what a provider has cached stays good.
        text = f"{id}#{number}".encode("utf-8", "replace")
        bounded = f"call_{hashlib.sha256(text).hexdigest()[:24]}"
    ids[id] = number
    ids.setdefault(bounded, 0)
    return bounded


def _result(call: ToolCall, result: ToolResult | None) -> ToolResult:
    if result is None:
        return ToolResult(call.id, NOT_RUN, call.name, is_error=True)
    return ToolResult(call.id, result.content, call.name, result.is_error)


def _as_one(messages: Sequence[Message]) -> Message:
    """Messages of one side as one, with an empty line between their texts."""
    parts = [*messages[0].parts]
    has_text = bool(messages[0].text)
    for before, message in pairwise(messages):
        text = message.text
        if has_text and text and not before.is_paused:  # else it goes on in mid-sentence
            parts.append(Text("\n\n"))
        parts += message.parts
        has_text = has_text or bool(text)
    return msgspec.structs.replace(messages[-1], parts=parts)


def _unsigned(part: Part) -> Part:
    """Take the model's signature off a call."""
    if not isinstance(part, ToolCall) or not isinstance(part.extra, dict):
        return part
    return msgspec.structs.replace(part, extra=_without_signatures(part.extra) or None)


def _without_signatures(extra: dict[str, Any]) -> dict[str, Any]:
    bare = {
        name: _without_signatures(value) if isinstance(value, dict) else value
        for name, value in extra.items()
        if "signature" not in name.lower()
    }
    return {name: value for name, value in bare.items() if value != {}}


def _is_thought(part: Part) -> bool:
    """Tell whether a part holds the model's thinking; OpenAI's phase of a text alone is none."""
    return isinstance(part, Reasoning) and (
        part.text != "" or set(as_dict(part.extra)) != {"phase"}
    )


def _ran_tools(message: Message) -> bool:
    """Tell whether the provider ran tools: it may have paused there, and goes on from it."""
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
