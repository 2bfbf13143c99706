"""Attachments of the next question: images, documents and text files, as chips above the message.

They belong to the draft of a chat, and are kept with it.

Long, because each way in and each choice at a chip changes the one list of them.
"""

import asyncio
from bisect import insort
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import msgspec

from ....core.messages import File, Part
from ....core.text.text_files import framed, name_of, tidy_name, unframed
from ....protocols.rendering import is_image
from ...storage.outbox import Outbox, OutboxItem
from ...web import toast
from ...web import words as web_words
from ...web.dom import announce
from ...web.pictures import may_be_drawn
from ...web.tasks import beside
from ..token_counts import CHARACTERS_PER_TOKEN
from . import attachment_chips as view
from . import file_reading, message_box, words
from .attachment_chips import Chip
from .file_reading import Guess, Read, ReadDocument, Unreadable
from .seen import Seen, as_seen, characters_of, choices, file_size_of, seen_of
from .text_encodings import decoded

# More than this many nobody means to send.
_LIMIT = 20
# Sentences about what could not be read, at once.
_MOST_TOLD = 3
# Of the context window, as tokens are estimated; the rest is for the conversation.
_SHARE_OF_FILES = 0.5


class _One(msgspec.Struct):
    """An attached file. Ids are made when files are chosen, and stand in that order."""

    id: str
    part: Part


class _Reading(msgspec.Struct):
    """A document that is being read; `progress` says how far it is."""

    id: str
    owner: str
    name: str
    size: str
    task: "asyncio.Future[Read]"
    progress: str = ""


class _State:
    kept_in: Outbox
    read_document: ReadDocument
    # How texts were read whose encoding is a guess, by their ids; as long as the page lives.
    guesses: dict[str, Guess] = {}
    owner = ""  # the chat to which they belong
    attached: list[_One] = []
    reading = 0
    documents: list[_Reading] = []
    paste_limit = 4000
    for_python = False
    window: int | None = None  # of the model that is asked, in tokens
    sees_images = True
    send_images: Callable[[], None]


def start(paste_limit: int, read_document: ReadDocument, send_images: Callable[[], None]) -> None:
    """Connect buttons, paste and drop; called once. `read_document` gives the text of one,
    `send_images` has them sent to a model that is known to see none.
    """
    set_paste_limit(paste_limit)
    _State.send_images = send_images
    _State.read_document = read_document
    view.start(take_files, _take_pasted, _press, _read_as, _show_model)


def set_paste_limit(characters: int) -> None:
    """Set from how many characters on a pasted text becomes a file; 0 for never."""
    _State.paste_limit = characters


def take_for_python(on: bool) -> None:
    """Tell whether the chat's Python is offered to its model: it takes files of any kind."""
    if on != _State.for_python:
        _State.for_python = on
        view.say_what_goes(words.ATTACH_ANY if on else words.ATTACH, words.drop(is_any=on))
        _show()


def fit(window: int | None, *, sees_images: bool = True) -> None:
    """Say of each image whether the model sees it. Have the model see no file whole that its
    context window has no room for: things are looked up in such a text. What a person chooses at
    the chip afterwards stays. `window` is in tokens, None where it is not known.
    """
    if window != _State.window:
        _State.window = window
        _fit(_State.attached)
    if sees_images != _State.sees_images:
        _State.sees_images = sees_images
        _show()


def keep_in(outbox: Outbox) -> None:
    """Set where attachments are kept; called once, before anything is shown."""
    _State.kept_in = outbox


def switch(owner: str) -> None:
    """Show the attachments of this chat; those of the other stay there."""
    if owner != _State.owner:
        _State.owner, _State.attached = owner, []
        _show()
        beside(_take_up(owner))


def move(owner: str) -> None:
    """Give the attachments to this chat from now on."""
    before, _State.owner = _State.owner, owner
    if _State.attached:
        beside(_State.kept_in.keep(owner, "attached", map(_piece, _State.attached)))
        _drop(before, _State.attached)


def is_empty() -> bool:
    return not _State.attached


def is_reading() -> bool:
    """Tell whether a file is still being read."""
    return _State.reading > 0


def take() -> list[Part]:
    """Hand over the attachments; none is left."""
    taken, _State.attached = _State.attached, []
    _drop(_State.owner, taken)
    for one in taken:
        _State.guesses.pop(one.id, None)
    _show()
    return [one.part for one in taken]


def put(parts: Sequence[Part]) -> None:
    """Attach these, after those that are there."""
    for part in parts:
        _add(_State.owner, _State.kept_in.new_id(), part)


async def _take_up(owner: str) -> None:
    """Show the files that were attached when this chat was left."""
    pieces = await _State.kept_in.read(owner, "attached")
    if owner == _State.owner:
        there = {one.id for one in _State.attached}
        found = [_One(id, parts[0]) for id, parts in pieces if id not in there]
        _State.attached = sorted([*found, *_State.attached], key=_place)
        _show()


def _add(owner: str, id: str, part: Part, guess: Guess | None = None) -> None:
    """Attach this in its place: a file that was chosen before may have been read more slowly."""
    one = _One(id, part)
    if guess is not None:
        _State.guesses[id] = guess
    beside(_State.kept_in.keep(owner, "attached", [_piece(one)]))
    if owner == _State.owner:  # else another chat is shown by now
        insort(_State.attached, one, key=_place)
        _fit([one])
        _show()


def _fit(those: Sequence[_One]) -> None:
    """Of those that are seen whole, have things looked up in the first that do not fit."""
    if _State.window is None:
        return
    room = _State.window * CHARACTERS_PER_TOKEN * _SHARE_OF_FILES
    room -= sum(characters_of(one.part) for one in _State.attached if one not in those)
    for one in those:
        room -= characters_of(one.part)
        if room < 0 and file_reading.can_be_looked_up(one.part):
            room += characters_of(one.part)
            beside(_look_up(one))


async def _look_up(one: _One) -> None:
    """Have things looked up in a text. It is read for that as a document is."""
    _State.reading += 1  # nothing is sent before
    owner, before = _State.owner, one.part
    try:
        part = await file_reading.looked_up(one.part, _State.read_document)
    finally:
        _State.reading -= 1
    if part is not before and one.part is before and one in _State.attached:
        _State.guesses.pop(one.id, None)
        one.part = part
        beside(_State.kept_in.keep(owner, "attached", [_piece(one)]))
        _show()
        toast.show(words.too_long_for_the_model(name_of(part)))


def _drop(owner: str, gone: Sequence[_One]) -> None:
    if gone:
        beside(_State.kept_in.drop(owner, "attached", [one.id for one in gone]))


def _piece(one: _One) -> OutboxItem:
    return OutboxItem(one.id, [one.part])


def _place(one: _One | _Reading) -> str:
    return one.id


def take_files(files: Sequence[Any]) -> None:
    """Attach these File objects of the browser, as far as they can be read, in this order."""
    beside(_read([(_State.kept_in.new_id(), file) for file in files]))


async def _read(files: list[tuple[str, Any]]) -> None:
    _State.reading += 1
    owner = _State.owner
    problems: list[str] = []
    added: list[str] = []
    try:
        for id, file in files:
            if len(_State.attached) >= _LIMIT:
                problems.append(words.too_many(_LIMIT))
                break
            try:
                found = await _read_one(id, file, owner)
            except Unreadable as problem:
                problems.append(str(problem))
                continue
            except asyncio.CancelledError:  # removed while it was read
                continue
            _add(owner, id, found.part, found.guess)
            for number, page in enumerate(found.pages[: _LIMIT - len(_State.attached)]):
                _add(owner, _State.kept_in.id_behind(id, number), page)
            if found.note:
                problems.append(found.note)
            name = name_of(found.part)
            added.append(words.read_as(name, found.guess.encoding) if found.guess else name)
    finally:
        _State.reading -= 1
    for sentence in problems[:_MOST_TOLD]:
        toast.show(sentence)
    if len(problems) > _MOST_TOLD:
        toast.show(words.more_problems(len(problems) - _MOST_TOLD))
    if added:
        announce(words.attached(added))
    message_box.focus()


async def _read_one(id: str, file: Any, owner: str) -> Read:
    """Read a file; a document has a chip meanwhile, which says how far it is."""

    def tell(number: int, total: int) -> None:
        reading.progress = words.reading(number, total)
        if reading not in _State.documents:
            _State.documents.append(reading)
            _show()
        elif owner == _State.owner:
            view.update(_reading_chip(reading))

    read = file_reading.read(file, _State.read_document, tell, for_python=_State.for_python)
    size = web_words.size(int(file.size))
    reading = _Reading(id, owner, tidy_name(str(file.name)), size, asyncio.ensure_future(read))
    try:
        return await reading.task
    finally:
        if reading in _State.documents:
            _State.documents.remove(reading)
            _show()


def _take_pasted(text: str) -> bool:
    """Attach a pasted text as a file where it is long enough; tell whether it became one."""
    if not 0 < _State.paste_limit < len(text) or len(_State.attached) >= _LIMIT:
        return False
    taken = {name_of(one.part) for one in _State.attached}
    names = (words.pasted_name(number) for number in count(1))
    part = framed(next(name for name in names if name not in taken), text.replace("\r\n", "\n"))
    _add(_State.owner, _State.kept_in.new_id(), part)
    announce(words.PASTED_AS_FILE)
    return True


def _press(action: str, id: str) -> None:
    if action == "send-anyway":
        _State.send_images()
        message_box.focus()
        return
    at = next((at for at, one in enumerate(_State.attached) if one.id == id), None)
    if at is None:
        for reading in _State.documents:
            if reading.id == id:
                reading.task.cancel()
                announce(words.removed(reading.name))
                message_box.focus()
        return
    place = _shown().index(_State.attached[at])
    one = _State.attached.pop(at)
    _State.guesses.pop(one.id, None)
    _drop(_State.owner, [one])
    _show()
    if action == "as-text":
        found = unframed(one.part)
        message_box.insert(found[1] if found else "")
    else:
        announce(words.removed(name_of(one.part)))
        if not view.focus_remove(min(place, len(_shown()) - 1)):
            message_box.focus()


def _read_as(id: str, encoding: str) -> None:
    """Read a text anew: its encoding was guessed wrong."""
    guess = _State.guesses.get(id)
    one = next((one for one in _State.attached if one.id == id), None)
    if guess is None or one is None:
        return
    _State.guesses[id] = guess._replace(encoding=encoding)
    text = decoded(guess.data, encoding)
    one.part = framed(name_of(one.part), text, len(guess.data))
    beside(_State.kept_in.keep(_State.owner, "attached", [_piece(one)]))
    announce(words.read_as(name_of(one.part), encoding))


def _show_model(id: str, seen: Seen) -> None:
    """Let the model see so much of a file."""
    one = next((one for one in _State.attached if one.id == id), None)
    if one is None:
        return
    _State.guesses.pop(id, None)
    one.part = as_seen(one.part, seen)
    beside(_State.kept_in.keep(_State.owner, "attached", [_piece(one)]))
    view.update(_chip(one))
    announce(words.model_sees(name_of(one.part), _sees(one.part, seen)))


def _show() -> None:
    view.show([_reading_chip(one) if isinstance(one, _Reading) else _chip(one) for one in _shown()])


def _shown() -> list[_One | _Reading]:
    """List what is attached to the shown chat, or about to be, in its order."""
    documents = [one for one in _State.documents if one.owner == _State.owner]
    return sorted([*_State.attached, *documents], key=_place)


def _reading_chip(one: _Reading) -> Chip:
    return Chip(one.id, one.name, one.size, progress=one.progress)


def _sees(part: Part, seen: Seen) -> str:
    return words.seen(seen, is_document=isinstance(part, File) and part.text != "")


def _chip(one: _One) -> Chip:
    file = one.part if isinstance(one.part, File) else File("")
    has_choice = _State.for_python or file.told != ""
    return Chip(
        one.id,
        name_of(one.part),
        web_words.size(file_size_of(one.part)),
        image_url=file.url if may_be_drawn(file.url) else "",
        is_text=unframed(one.part) is not None,
        encoding=_encoding(one.id),
        seen=seen_of(one.part) if has_choice else None,
        choices=[(each, _sees(one.part, each)) for each in choices(one.part)] if has_choice else (),
        told=file.told,
        is_unseen=not (_State.sees_images or file.told) and file.url != "" and is_image(file),
    )


def _encoding(id: str) -> str:
    guess = _State.guesses.get(id)
    return guess.encoding if guess is not None else ""
