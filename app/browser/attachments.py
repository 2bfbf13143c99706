"""What goes along with the next question: images and text files, as chips above the message."""

import asyncio
from collections.abc import Coroutine, Sequence
from itertools import count
from typing import Any

import msgspec

from ..core.messages import File, Part
from . import file_reading, texts
from .file_reading import Unreadable
from .text_files import framed, name_of, unframed
from .views import attachments as view
from .views import composer, toast, transcript
from .views.attachments import Chip

# More than this many nobody means to send.
_LIMIT = 20

_numbers = count(1)


class _One(msgspec.Struct):
    id: str
    part: Part
    size_bytes: int


class _State:
    chat_id = ""
    attached: list[_One] = []
    # Those of the chats that are not shown.
    elsewhere: dict[str, list[_One]] = {}
    reading = 0
    paste_limit = 4000
    tasks: set[asyncio.Task[None]] = set()


def start(paste_limit: int) -> None:
    """Connect buttons, paste and drop; called once."""
    set_paste_limit(paste_limit)
    view.start(_take_files, _take_pasted, _press)


def set_paste_limit(characters: int) -> None:
    """From how many characters on a pasted text becomes a file; 0 for never."""
    _State.paste_limit = characters


def switch(chat_id: str) -> None:
    """Show what is attached in this chat; what is in the other stays there."""
    if chat_id == _State.chat_id:
        return
    if _State.attached:
        _State.elsewhere[_State.chat_id] = _State.attached
    _State.chat_id = chat_id
    _State.attached = _State.elsewhere.pop(chat_id, [])
    _show()


def is_empty() -> bool:
    return not _State.attached


def is_reading() -> bool:
    """Whether a file is still being read."""
    return _State.reading > 0


def take() -> list[Part]:
    """Hand over what is attached; nothing is afterwards."""
    parts = [one.part for one in _State.attached]
    _State.attached = []
    _show()
    return parts


def put(parts: Sequence[Part]) -> None:
    """Attach these, after what is there."""
    _State.attached += [_One(_new_id(), part, _size(part)) for part in parts]
    _show()


def _take_files(files: Sequence[Any]) -> None:
    _keep(_read(list(files)))


async def _read(files: list[Any]) -> None:
    _State.reading += 1
    problems: list[str] = []
    added: list[str] = []
    try:
        for file in files:
            if len(_State.attached) >= _LIMIT:
                problems.append(texts.too_many(_LIMIT))
                break
            try:
                part, size_bytes = await file_reading.read(file)
            except Unreadable as problem:
                problems.append(str(problem))
                continue
            _State.attached.append(_One(_new_id(), part, size_bytes))
            added.append(name_of(part))
            _show()
    finally:
        _State.reading -= 1
    for sentence in problems[:3]:
        toast.show(sentence)
    if added:
        transcript.announce(texts.attached(added))
    composer.focus()


def _take_pasted(text: str) -> bool:
    """Whether this text became a file."""
    if not 0 < _State.paste_limit < len(text) or len(_State.attached) >= _LIMIT:
        return False
    taken = {name_of(one.part) for one in _State.attached}
    names = (texts.pasted_name(number) for number in count(1))
    part = framed(next(name for name in names if name not in taken), text.replace("\r\n", "\n"))
    _State.attached.append(_One(_new_id(), part, _size(part)))
    _show()
    transcript.announce(texts.PASTED_AS_FILE)
    return True


def _press(action: str, id: str) -> None:
    at = next((at for at, one in enumerate(_State.attached) if one.id == id), None)
    if at is None:
        return
    one = _State.attached.pop(at)
    _show()
    if action == "as-text":
        found = unframed(one.part)
        composer.insert(found[1] if found else "")
    else:
        transcript.announce(texts.removed(name_of(one.part)))
        if not view.focus_remove(min(at, len(_State.attached) - 1)):
            composer.focus()


def _show() -> None:
    view.show(
        [
            Chip(
                one.id,
                name_of(one.part),
                texts.size(one.size_bytes),
                image_url=one.part.url if isinstance(one.part, File) else "",
                is_text=unframed(one.part) is not None,
            )
            for one in _State.attached
        ]
    )


def _size(part: Part) -> int:
    if isinstance(part, File):
        return len(part.url.partition(",")[2]) * 3 // 4
    found = unframed(part)
    return len(found[1].encode("utf-8", "replace")) if found else 0


def _new_id() -> str:
    return str(next(_numbers))


def _keep(work: Coroutine[None, None, None]) -> None:
    task = asyncio.ensure_future(work)
    _State.tasks.add(task)
    task.add_done_callback(_State.tasks.discard)
