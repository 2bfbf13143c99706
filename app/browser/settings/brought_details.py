"""Contents of chats from a file besides their messages, said for a person. Pure."""

from collections import Counter
from collections.abc import Iterable

from ...core.text.pretty_json import in_lines
from ...history.records import Brought
from ..consent.request_list import Detail
from . import words
from .answer_options import FIELDS

# The most powerful come first; the other settings go together.
_APART = ("instructions", "extra")


def details(brought: Iterable[Brought]) -> list[Detail]:
    """List all that these chats bring, each thing once, with the number of its chats."""
    found: dict[str, Counter[str]] = {}
    for one in brought:
        for label, text in _said(one):
            found.setdefault(label, Counter())[text] += 1
    return [
        Detail(label, "\n\n".join(_counted(text, count, counts) for text, count in counts.items()))
        for label, counts in sorted(found.items(), key=lambda item: _LABELS.index(item[0]))
    ]


def _counted(text: str, count: int, counts: Counter[str]) -> str:
    return text if len(counts) == 1 else f"{words.in_chats(count)}\n{text}"


def _said(brought: Brought) -> Iterable[tuple[str, str]]:
    settings = brought.settings
    if settings.instructions:
        yield words.INSTRUCTIONS, settings.instructions
    for text in brought.system:
        yield words.SYSTEM_MESSAGES, text
    if settings.extra:
        yield words.EXTRA, in_lines(settings.extra)
    if settings.tools is not None or settings.provider_tools:
        tools = [*(settings.tools or ()), *(settings.provider_tools or ())]
        yield words.BROUGHT_TOOLS, ", ".join(tools) or words.BRINGS_NO_TOOLS
    if settings.model:
        yield words.BROUGHT_MODEL, settings.model.removeprefix("own ")
    others = [
        f"{field.label}: {field.write(value)}"
        for field in FIELDS
        if field.name not in _APART and (value := getattr(settings, field.name)) is not None
    ]
    if settings.streaming is not None:
        others.append(words.STREAMS if settings.streaming else words.DOES_NOT_STREAM)
    if settings.on_server is not None:
        others.append(words.ON_SERVER if settings.on_server else words.NOT_ON_SERVER)
    if others:
        yield words.OTHER_SETTINGS, "\n".join(others)
    if brought.echoes:
        yield words.PROVIDER_DATA, words.gets_back(brought.echoes)


_LABELS = (
    words.INSTRUCTIONS,
    words.SYSTEM_MESSAGES,
    words.EXTRA,
    words.BROUGHT_TOOLS,
    words.BROUGHT_MODEL,
    words.OTHER_SETTINGS,
    words.PROVIDER_DATA,
)
