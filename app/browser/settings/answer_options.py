"""Options of answers, as people write them: read, checked, shown, and put together. Pure."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import msgspec

from ...core.nesting import is_too_deep
from ...core.options import Options
from ...core.text.pretty_json import in_lines
from ...history.records import ChatSettings
from ...protocols.takes import EFFORTS
from ...providers.taken import Taken
from . import words


class Prompt(msgspec.Struct, frozen=True):
    """A system prompt that was kept under a name."""

    name: str
    text: str


def with_prompt(prompts: Sequence[Prompt], name: str, text: str) -> list[Prompt]:
    """The prompts and one that came from elsewhere, under a name that none has yet."""
    if Prompt(name, text) in prompts:
        return list(prompts)
    taken = {one.name for one in prompts}
    names = (f"{name} ({number})" if number > 1 else name for number in count(1))
    return [*prompts, Prompt(next(one for one in names if one not in taken), text)]


class Wrong(Exception):
    """A field's value can't be meant; the message is a sentence for people."""


class Field(NamedTuple):
    """One setting: `read` makes its value of a text that is not empty, `write` the reverse."""

    name: str
    label: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _number(label: str, lowest: float, highest: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = lowest - 1
        if not lowest <= value <= highest:  # not a number is in no range
            raise Wrong(words.not_in_range(label, lowest, highest))
        return value

    return read


def _whole(label: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        clean = text.replace(" ", "").replace(",", "")
        if not (clean.isascii() and clean.isdigit() and 1 <= int(clean[:10]) <= 1_000_000_000):
            raise Wrong(words.not_in_range(label, 1, 1e9))
        return int(clean[:10])

    return read


def _effort(text: str) -> str:
    if text not in EFFORTS:
        raise Wrong(words.not_one_of(words.EFFORT, EFFORTS))
    return text


def _stop(text: str) -> list[str] | None:
    # Spaces may be meant; a line that is empty is not.
    return [line for line in text.splitlines() if line] or None


def _extra(text: str) -> dict[str, Any]:
    if is_too_deep(text.encode("utf-8", "replace")):
        raise Wrong(words.not_json(words.TOO_DEEP))
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Wrong(words.not_json(str(error))) from error
    if not isinstance(value, dict):
        raise Wrong(words.NOT_AN_OBJECT)
    return value


def _short(value: float) -> str:
    return f"{value:g}"


FIELDS = (
    Field("instructions", words.INSTRUCTIONS, str, str),
    Field("temperature", words.TEMPERATURE, _number(words.TEMPERATURE, 0, 2), _short),
    Field("top_p", words.TOP_P, _number(words.TOP_P, 0, 1), _short),
    Field("max_tokens", words.MAX_TOKENS, _whole(words.MAX_TOKENS), str),
    # The tokens the model reads, where its provider does not say it: for the context meter.
    # Of one chat, it is also what Ollama is asked to make room for.
    Field("window", words.WINDOW, _whole(words.WINDOW), str),
    Field("reasoning_effort", words.EFFORT, _effort, str),
    Field("stop", words.STOP_WORDS, _stop, "\n".join),
    Field("extra", words.EXTRA, _extra, in_lines),
)

# Settings that a chat's own panel shows as what counts where the chat says nothing.
DEFAULTS = frozenset({"prompts", *(field.name for field in FIELDS)})


def merged(chat: ChatSettings, defaults: Any) -> Options:
    """Put together the options of a chat: its own, else the defaults, by the same names."""

    def value(name: str) -> Any:
        own = getattr(chat, name)
        return getattr(defaults, name) if own is None else own

    effort = value("reasoning_effort")
    return Options(
        temperature=value("temperature"),
        top_p=value("top_p"),
        max_tokens=value("max_tokens"),
        reasoning_effort=effort if effort in EFFORTS else None,
        stop=value("stop"),
        # The default may be that of a service; Ollama would need the memory for it.
        context_tokens=chat.window,
        extra=value("extra") or {},
    )


def as_told(options: Options, sends: Mapping[str, bool]) -> Options:
    """Apply a person's decisions on a model's options, by name: False leaves one out, True sends it
    although the model is known to refuse it.
    """
    plain = msgspec.structs.asdict(Options())
    left_out = {
        name: plain[name] for name, is_sent in sends.items() if not is_sent and name in plain
    }
    anyway = [name for name, is_sent in sends.items() if is_sent]
    told_by_name = [name for name in ("images", "files") if sends.get(name) is False]
    return msgspec.structs.replace(options, **left_out, sent_anyway=anyway, left_out=told_by_name)


class Standing(NamedTuple):
    """The chosen model's stance on a field. `note` is the sentence beside it, empty for none;
    `offer` is the decision that its button makes: to send the option from then on or to leave it
    out. None stands for no button.
    """

    is_left_out: bool = False
    note: str = ""
    offer: bool | None = None


def standing(taken: Taken, is_sent: bool | None) -> Standing:
    """Tell how a model takes a field; `is_sent` is the person's decision on it, None for none."""
    if taken.why_not and is_sent and taken.can_be_forced:
        return Standing(False, f"{taken.why_not} {words.SENT_ANYWAY}", offer=False)
    if taken.why_not:
        return Standing(True, taken.why_not, offer=True if taken.can_be_forced else None)
    if is_sent is False:
        return Standing(True, words.REFUSED, offer=True)
    return Standing(False, taken.note)


def shown(value: Any, field: Field) -> str:
    """A value as it stands in its field; empty for none."""
    return "" if value is None else field.write(value)
