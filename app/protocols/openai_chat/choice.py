"""The reader of one choice: its deltas, and the message that some providers put behind them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ...core.events import Event, ReasoningDelta, RefusalDelta
from ...core.messages import Message
from ..answer_text import AnswerText, Characters
from ..think import leads_with_reasoning
from ..tolerant import as_str, clean, is_same_json
from ..tool_calls import ToolCalls
from .reasoning_details import ReasoningDetails
from .shapes import Delta, Function, ToolCall, words_of
from .sources import images_of


class ChoiceReader:
    """Reads one choice."""

    def __init__(self) -> None:
        self._text = AnswerText()
        self._calls = ToolCalls()
        self._details = ReasoningDetails()
        self._refusal = Characters()
        self._has_reasoning = self._has_refusal = self._has_images = False
        self._in_messages = False  # its fragments come under the wrong name
        self._final: Delta | None = None  # the answer so far, as the provider last told it
        self._said_length = self._counted = 0  # of the text as it came, and of how many fragments
        self.placed = self._text.placed
        self.read_content = self._text.read
        self.read_reasoning = self._text.read_reasoning

    def read(self, delta: Delta, out: list[Event], minted_id: str) -> None:
        """Append what one delta says."""
        # Where both fields are there they say the same.
        reasoning = (
            delta.reasoning_content or delta.reasoning or delta.thinking or delta.reasoning_text
        )
        if reasoning:
            self._has_reasoning = True
            self._text.read_reasoning(reasoning, out)
        if delta.reasoning_details:
            for place, detail in enumerate(delta.reasoning_details):
                text = self._details.add(place, detail)
                if text and not reasoning:
                    self._text.read_reasoning(text, out)
        if delta.content:
            self._text.read(delta.content, out)
        if delta.audio is not None and (words := words_of(delta.audio)):
            self._text.read(words, out)
        if delta.refusal:
            self._has_refusal = True
            if text := self._refusal.feed(delta.refusal):
                out.append(RefusalDelta(text))
        for call in delta.tool_calls or ():
            function = call.function or _custom(call.custom or {})
            self._calls.add(
                out,
                index=call.index,
                id=call.id or "",
                name=function.name or "",
                arguments=function.arguments or "",
                extra=call.extra_content,
                minted_id=minted_id,
            )
        if delta.function_call is not None:
            self._calls.add(
                out,
                index=0,
                id="",
                name=delta.function_call.name or "",
                arguments=delta.function_call.arguments or "",
                minted_id=minted_id,
            )
        if delta.images is not None:
            self._has_images = True
            out.extend(images_of(delta.images))

    def read_arguments(self, index: int | None, text: str, out: list[Event]) -> None:
        """Append to the call at this index, or to the latest, which is there already."""
        self._calls.add(out, index=index, id="", name="", arguments=text, minted_id="call")

    def read_message(
        self, message: Delta, is_whole: bool, out: list[Event], minted_id: str
    ) -> None:
        """Append what a `message` says that was not streamed yet.

        `is_whole` says that it holds the answer so far. Else it does so where deltas were streamed;
        where none were it is one more fragment, under the wrong name.
        """
        has_begun = bool(self._text.said or self._calls or self._has_reasoning)
        if not is_whole and (self._in_messages or not has_begun):
            self._in_messages = True
            if not has_begun:
                message.tool_calls = _counted(message.tool_calls or ())
            self.read(message, out, minted_id)
            return
        self._final = message
        missing = Delta(annotations=message.annotations)
        if content := message.content or words_of(message.audio):
            missing.content = self._missing(content)
        if not self._has_reasoning and not self._details:
            missing.reasoning = message.reasoning_content or message.reasoning
            missing.reasoning_details = message.reasoning_details
        if not self._has_refusal:
            missing.refusal = message.refusal
        if not self._has_images:
            missing.images = message.images
        if not self._calls:
            missing.tool_calls = _counted(message.tool_calls or ())
            missing.function_call = message.function_call
        self.read(missing, out, minted_id)

    def _missing(self, content: str) -> str:
        """Give the new part of a text told from its beginning; nothing where it begins
        otherwise.
        """
        said = self._text.said
        self._said_length += sum(len(said[place]) for place in range(self._counted, len(said)))
        self._counted = len(said)
        # Some repeat the text with every chunk: it is joined only where as much of it came.
        if len(content) < self._said_length:
            return ""
        told = "".join(said)
        said[:] = [told]
        self._counted = 1
        return content[len(told) :] if content.startswith(told) else ""

    def differs(self) -> bool:
        """Tell whether the provider's last word is another than what was streamed."""
        final = self._final
        if final is None:
            return False
        if final.content and not self._has_said(final):
            return True
        wanted = [(call.id or "", call.function or Function()) for call in final.tool_calls or ()]
        told = self._calls.told()
        return bool(wanted) and not (
            len(wanted) == len(told)
            and all(
                (not id or id == told_id)
                and (function.name or "") == name
                and _is_same(function.arguments or "", arguments)
                for (id, function), (told_id, name, arguments) in zip(wanted, told, strict=True)
            )
        )

    def _has_said(self, final: Delta) -> bool:
        """Tell whether the message's text was streamed. A text that is no more than its end is the
        last fragment once more, unless thoughts that stood in it are told apart.
        """
        said, told = "".join(self._text.said).strip(), clean(final.content or "").strip()
        is_apart = bool(final.reasoning_content or final.reasoning)
        return said == told if is_apart else bool(said.endswith(told))

    def corrected(self, streamed: Message, out: list[Event], minted_id: str) -> "ChoiceReader":
        """Append the answer as the provider told it last; return who read it.

        `streamed` stands in for what that leaves out.
        """
        final = self._final or Delta()
        content = final.content or ""
        if not content or self._has_said(final):
            content = "".join(self._text.said)
        reader = ChoiceReader()
        if self._details and not final.reasoning_details:
            final.reasoning_details = self._details.whole()
        if not (final.reasoning_content or leads_with_reasoning(content)):
            final.reasoning = final.reasoning or streamed.reasoning
        final.content = content
        final.refusal = final.refusal or streamed.refusal
        final.tool_calls = final.tool_calls or [
            ToolCall(index=index, id=id, function=Function(name, arguments))
            for index, (id, name, arguments) in enumerate(self._calls.told())
        ]
        reader.read(final, out, minted_id)
        if not final.images:
            out.extend(streamed.files)
        return reader

    def close(self, out: list[Event], minted_id: str) -> None:
        """Append the held text, and end the calls."""
        self._text.settle(out)
        if half := self._refusal.close():
            out.append(RefusalDelta(half))
        if self._details:
            out.append(ReasoningDelta("", self._details.whole()))
        self._calls.close(out, minted_id)


def _custom(tool: dict[str, Any]) -> Function:
    """The call of a tool that takes free text, which stands where others have their JSON."""
    return Function(as_str(tool.get("name")), as_str(tool.get("input")))


def _counted(calls: Sequence[ToolCall]) -> list[ToolCall]:
    """The calls of a whole message, which are all there are: told apart whatever their ids."""
    if any(call.index is not None for call in calls):
        return list(calls)
    return [msgspec.structs.replace(call, index=place) for place, call in enumerate(calls)]


def _is_same(one: str, other: str) -> bool:
    return one.strip() == other.strip() or is_same_json(one or "{}", other or "{}")
