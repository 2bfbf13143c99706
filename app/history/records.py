"""Records of a chat: one for the chat, one for each message.

The JSON form of both (`msgspec.json`) is what the browser's database and exported files hold, so
a field may be added, with a default, but never change its meaning. Times are milliseconds since
1970, UTC.
"""

import re
from typing import Any

import msgspec

from ..core.messages import File, Message
from ..core.wire.secrets import Secrets

# The hidden request to go on where an answer broke off; never shown as a question.
CONTINUE = "continue"

# An answer that nobody wrote to its end: its page was closed, or reloaded, or died.
CLOSED = "closed"


# An answer as a person rewrote it, beside what the model had said.
EDITED = "edited"


class ChatSettings(msgspec.Struct, omit_defaults=True):
    """Settings of one chat. None, and an empty model, mean the default of the page.

    `model` is the id of the picker's entry. `window` is how many tokens it can read. `tools` are
    names; an empty list means none. `provider_tools` are those that a provider runs itself and that
    were turned on, each behind the provider's name. `on_server`: answers are given by this page's
    server, and go on without the page.
    """

    model: str = ""
    instructions: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    window: int | None = None
    reasoning_effort: str | None = None
    stop: list[str] | None = None
    extra: dict[str, Any] | None = None
    tools: list[str] | None = None
    provider_tools: list[str] | None = None
    streaming: bool | None = None
    on_server: bool | None = None


class Brought(msgspec.Struct, omit_defaults=True):
    """Contents of a chat from a file, without power: see `brought`. `system` are the messages of
    the system among the others; `echoes` counts answers with data that a provider would get back.
    """

    settings: ChatSettings = msgspec.field(default_factory=ChatSettings)
    system: list[str] = []
    echoes: int = 0


class ChatRecord(msgspec.Struct, omit_defaults=True):
    """A chat without its messages.

    `head` is the id of the leaf that is shown, empty where nothing was said. `is_titled` says that
    a person chose the title: it is not changed for them any more. `forked_from` is another chat.
    `deleted_ms` is when it was deleted, 0 where it was not: for a moment that can be undone.
    `brought` came with a file, until a person has decided about it; `takes_file` says that they
    took it. `on_server`: this page's server has answers of it, which are deleted with it; `gone`
    are those that were deleted here and perhaps not there yet, each with the message that it went
    with; `server_has` are facts that it had of the chat (`shared_facts`).
    """

    id: str
    created_ms: int
    updated_ms: int
    title: str = ""
    pinned: bool = False
    head: str = ""
    settings: ChatSettings = msgspec.field(default_factory=ChatSettings)
    draft: str = ""
    forked_from: str = ""
    is_titled: bool = False
    deleted_ms: int = 0
    brought: Brought | None = None
    takes_file: bool = False
    on_server: bool = False
    gone: dict[str, str] = {}
    server_has: dict[str, Any] = {}


class MessageRecord(msgspec.Struct, omit_defaults=True):
    """One message and its place in the tree.

    `parent` is the id of the message before it, empty for a root. `source` names the answering app
    and model, for people. `note` is empty, `CONTINUE`, `CLOSED` or `EDITED`. `from_file`: written
    elsewhere. As far as it was timed: `thought_s` are the seconds of each stretch of reasoning in
    an answer, `took_s` those of each tool, by the id of its call. `tries` is how often the model
    was called until it answered, `lost_s` how many seconds went by before the last of these calls.
    `run` is the name of the run of this page's server that gives or gave this answer; empty for
    none; `is_begun_elsewhere`: by another browser, where its tools run.
    """

    id: str
    chat_id: str
    created_ms: int
    message: Message
    parent: str = ""
    source: str = ""
    note: str = ""
    thought_s: list[float] = []
    took_s: dict[str, float] = {}
    tries: int = 1
    lost_s: float = 0
    from_file: bool = False
    run: str = ""
    is_begun_elsewhere: bool = False


def without(record: MessageRecord, secrets: Secrets) -> MessageRecord:
    """The record with these hidden, and itself where it has none. Files that a person attached stay
    as they are.
    """
    message = record.message
    is_theirs = message.role == "user"
    parts = [
        part if is_theirs and isinstance(part, File) else secrets.cleaned(part)
        for part in message.parts
    ]
    cleaned = secrets.cleaned(msgspec.structs.replace(message, parts=[]))
    cleaned.parts = parts
    return record if cleaned == message else msgspec.structs.replace(record, message=cleaned)


# Longer than a line of the list shows; enough to tell chats apart in search and in a file's name.
_TITLE_CHARACTERS = 60


_FENCE = re.compile(r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})[ \t]*")


# Marks that a title is read without: of blocks at its beginning, of headings at its end, in pairs.
_BLOCK_MARKS = re.compile(r"(?:>[ \t]*)*(?:#{1,6}(?:[ \t]+|$))?|[*`_~]+$")
_HEADING_END = re.compile(r"(?<=\s)#+$")
_PAIR = re.compile(r"(\*{1,3}|`+)(?=[^\s*])(.+?)(?<=[^\s*])\1(?![*`])")
_LINK = re.compile(r"!?\[([^\]]+)\]\([^()\s]*\)")
_SAYS_SOMETHING = re.compile(r"[^\W_]|[^\x00-\x7f\s]")
# So much of a line is looked at.
_READ_CHARACTERS = 400


def title_of(question: str) -> str:
    """A title from the first question: its first line, cut at a word; empty for no text.

    Text between fences counts where there is no other; the fences themselves never do.
    """
    said: list[str] = []
    code: list[str] = []
    fence = ""
    for line in question.splitlines():
        marks = _FENCE.match(line)
        if fence:
            if marks and marks[1].startswith(fence) and marks.end() == len(line):
                fence = ""
            else:
                code.append(line)
        elif marks:
            fence = marks[1]
        else:
            said.append(line)
    tidied = map(_without_marks, (*said, *code))
    line = next(filter(_SAYS_SOMETHING.search, tidied), "")
    if len(line) <= _TITLE_CHARACTERS:
        return line
    cut = line[:_TITLE_CHARACTERS]
    # A language without spaces, or one endless word, is cut where it stands.
    at_word = cut.rpartition(" ")[0]
    return f"{at_word if len(at_word) > _TITLE_CHARACTERS // 2 else cut}…"


def _without_marks(line: str) -> str:
    line = line[:_READ_CHARACTERS].strip()
    marks = _BLOCK_MARKS.match(line)
    line = _HEADING_END.sub("", line[marks.end() if marks else 0 :])
    for pattern, said in ((_LINK, r"\1"), (_PAIR, r"\2")):
        line = pattern.sub(said, line)
    return " ".join(line.split())
