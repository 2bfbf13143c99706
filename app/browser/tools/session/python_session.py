"""The Python of one chat: in a worker of session.html, a document without an origin or a network of
its own.

Its state lasts as long as the page; its files are kept by `files`, and laid into its folder when it
starts.

Long, because a cell, its packages, its files and its end are states of one talk with a worker.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Protocol, TypeVar

from js import Object, Uint8Array
from pyodide.ffi import to_js

from ....core.tools.function_tool import ToolError
from ....python.messages import Done, Fetch, File, Gone, Installed, Message, Needs, Variables, read
from ..sandbox.frame import Frame, FrameError
from . import words

_ADDRESS = "app/browser/tools/session/session.html"
_PACKAGE = "app-python"
# All that Pyodide has.
_LOCK = "vendor/pyodide/packages.json"
_SERVICE = "app.python.worker"

# How long a cell may run, and how long one that is interrupted may take to end.
LIMIT_S = 60.0
_PATIENCE_S = 2.0
# And how long the names may take to be listed, each with what its own code says of it; packages to
# be unpacked.
_LISTING_S = 60.0
_INSTALLING_S = 120.0
# What comes of one cell, at most: ours sends less (python/output, session, folder).
_MOST_MESSAGES = 3_000
_MOST_BYTES = 300_000_000
_MOST_TEXT = 64_000_000
_MOST_TOLD = 2_000_000


# Requests of a cell that are on their way; how often the time of a cell is looked at.
_MOST_AT_ONCE = 100
_LOOK_S = 1.0

_Answer = TypeVar("_Answer", Variables, Needs, Installed)


@dataclass(slots=True)
class Provided:
    """Packages for a session: `names` of Pyodide's list, other `wheels` by the names of their
    files, all of it in `files`. `notes` are for the model, `told` names each with its version.
    """

    names: list[str] = field(default_factory=list)
    wheels: list[str] = field(default_factory=list)
    files: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CellLeave:
    """Leave of the person for one cell, by the hosts that it asks."""

    hosts: dict[str, bool] = field(default_factory=dict)
    asked: int = 0
    is_asking: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Answer:
    """An answer of any status, from `url` in the end; `body` is a buffer of JavaScript."""

    url: str
    status: int
    headers: list[list[str]]
    body: Any


class Files(Protocol):
    """Storage of the files of sessions."""

    async def read(self, chat_id: str) -> dict[str, bytes]: ...

    async def write(self, chat_id: str, changes: Mapping[str, bytes | None]) -> None:
        """Keep these; None takes one away."""
        ...


class PythonSession:
    """Starts with the first cell; after its end, anew with the next one.

    `attached` gives the files of the chat by name, without those of some names; `has_run` says
    whether a cell of this chat has run before, in a page that is gone. `provide` fetches packages;
    `bring` carries requests, or tells why not.
    """

    def __init__(
        self,
        chat_id: str,
        files: Files,
        attached: Callable[[Container[str]], Mapping[str, bytes]],
        has_run: Callable[[], Awaitable[bool]],
        provide: Callable[[Needs, CellLeave], Awaitable[Provided]],
        bring: Callable[[Fetch, CellLeave], Awaitable[Answer | str]],
    ) -> None:
        self._chat_id = chat_id
        self._bring = bring
        self._provide = provide
        self._files = files
        self._attached = attached
        self._has_run = has_run
        self._frame: Frame | None = None
        self._can_interrupt = False
        self._cells = 0
        self._turn = asyncio.Lock()
        self._laid: set[str] = set()
        self.packages: list[str] = []  # those that were loaded into it
        self._ran_own = False
        self._has_lost_state: bool | None = None  # None: nothing is known of earlier pages yet
        # Of the cell that runs.
        self._waiting: asyncio.Future[Message | None] | None = None
        self._take: Callable[[Message], None] = _pass
        self._named = ""  # the file whose bytes come next
        self._changed: dict[str, bytes | None] = {}
        self._leave = CellLeave()
        self._requests: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Tell whether no cell runs or waits."""
        return not self._turn.locked()

    async def run(
        self, code: str, take: Callable[[Message], None], *, is_own: bool = False
    ) -> Done:
        """Run a cell to its end, after those before it. Cancelling this interrupts it. `is_own`: it
        is the person's, and the model hears that with its own next one.

        Raises:
            ToolError: Python did not start.
        """
        async with self._turn:
            notes: list[str] = []
            frame = await self._started()
            if self._has_lost_state:
                notes.append(words.RESET)
            # A person sees that themselves; the model is still to hear of it.
            self._has_lost_state = bool(self._has_lost_state) and is_own
            if self._ran_own and not is_own:
                notes.append(words.RAN_OWN)
            self._ran_own = is_own
            self._lay(frame, self._attached(self._laid))
            self._leave = CellLeave()
            notes += await self._load_packages(frame, code)
            if self._frame is not frame:
                raise ToolError(f"{words.BROKE}.")
            self._cells += 1
            self._take, self._changed = take, {}
            waiting = self._waiting = asyncio.get_running_loop().create_future()
            _allow(frame, _MOST_MESSAGES, _MOST_BYTES, _MOST_TEXT)
            _say(frame, {"kind": "Run", "cell": self._cells, "code": code})
            try:
                if not await self._ends_in_time(waiting):
                    notes.append(words.stopped_after(LIMIT_S))
                    await self._interrupt(frame, waiting)
            except asyncio.CancelledError:
                await self._interrupt(frame, waiting)
                raise
            finally:
                self._waiting = None
                for request in list(self._requests):
                    request.cancel()
                if self._frame is frame:
                    _allow(frame, 0, 0, 0)
                await self._files.write(self._chat_id, self._changed)
            done = waiting.result()
            if not isinstance(done, Done):  # it said something else than what was asked for
                self.end()
                notes += [words.BROKE, words.LOST_FILES]
                done = Done(self._cells, "error", 0, "")
            lines = [done.told] if done.told else []
            told = "\n".join([*lines, *(f"[{note}]" for note in notes)])
            return replace(done, told=told, notes=[*done.notes, *notes])

    async def _ends_in_time(self, waiting: "asyncio.Future[Any]") -> bool:
        """Wait for the end of a cell. While the person is asked its time stands still."""
        left_s = LIMIT_S
        while not waiting.done() and left_s > 0:
            began = monotonic()
            await asyncio.wait({waiting}, timeout=min(left_s, _LOOK_S))
            if not self._leave.is_asking:
                left_s -= monotonic() - began
        return waiting.done()

    async def _answer(self, frame: Frame, asked: Fetch) -> None:
        """Carry a request of the cell that runs, and hand the answer in."""
        answer = await self._bring(asked, self._leave)
        if isinstance(answer, str):
            _say(frame, {"kind": "Refusal", "request": asked.request, "reason": answer})
            return
        about = {"url": answer.url, "status": answer.status, "headers": answer.headers}
        _say(frame, {"kind": "Answer", "request": asked.request, "about": about})
        message = Object.new()
        message.bytes = answer.body
        frame.post(message, answer.body)

    async def variables(self) -> Variables | None:
        """List the names that cells have given; None where no Python runs."""
        async with self._turn:
            if self._frame is None:
                return None
            return await self._asked(self._frame, Variables, _LISTING_S, kind="List")

    async def _load_packages(self, frame: Frame, code: str) -> list[str]:
        """Lay packages that a cell needs where it finds them. What can't be had is told."""
        needs = await self._asked(frame, Needs, _LISTING_S, kind="Inspect", code=code)
        if needs is None or not (needs.modules or needs.requirements or needs.hosts):
            return []
        provided = await self._provide(needs, self._leave)
        if not provided.files:
            return provided.notes
        for name, data in provided.files.items():
            _say(frame, {"kind": "Package", "name": name})
            message = Object.new()
            message.bytes = data
            frame.post(message, data)
        installed = await self._asked(
            frame,
            Installed,
            _INSTALLING_S,
            kind="Install",
            packages=provided.names,
            wheels=provided.wheels,
        )
        self.packages += provided.told
        return provided.notes + (installed.problems if installed else [])

    async def _asked(
        self, frame: Frame, answer: type[_Answer], limit_s: float, **question: Any
    ) -> _Answer | None:
        """Ask its Python for one message. Where none comes, or another one, it is ended."""
        self._take, self._changed = _pass, {}
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        _allow(frame, 1, _MOST_TOLD, _MOST_TOLD)
        _say(frame, question)
        try:
            await asyncio.wait({waiting}, timeout=limit_s)
        finally:
            self._waiting = None
            if self._frame is frame:
                _allow(frame, 0, 0, 0)
        said = waiting.result() if waiting.done() else None
        if isinstance(said, answer):
            return said
        self.end()
        return None

    def put(self, name: str, data: bytes) -> None:
        """Lay a file into its folder, in the place of one of this name."""
        self._laid.discard(name)
        if self._frame is not None:
            self._lay(self._frame, {name: data})

    def remove(self, name: str) -> None:
        """Take a file out of its folder."""
        self._laid.discard(name)
        if self._frame is not None:
            _say(self._frame, {"kind": "Remove", "name": name})

    @property
    def is_running(self) -> bool:
        """Tell whether there is a Python, with names of its own."""
        return self._frame is not None

    def end(self) -> None:
        """End it, with all that runs in it."""
        frame, self._frame = self._frame, None
        if frame is None:
            return
        frame.end()
        self._has_lost_state = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _started(self) -> Frame:
        if self._frame is not None:
            return self._frame
        if self._has_lost_state is None:
            self._has_lost_state = await self._has_run()
        kept = await self._files.read(self._chat_id)
        try:
            frame, about = await self._begun()
        except FrameError:
            # Now and then WebKit breaks the WebAssembly of one that starts; the next one is sound.
            try:
                frame, about = await self._begun()
            except FrameError as error:
                raise ToolError(words.did_not_start(str(error))) from None
        self._can_interrupt = bool(about.canInterrupt)
        self._laid, self.packages = set(), []
        self._lay(frame, {**self._attached(kept), **kept})
        self._frame = frame
        return frame

    async def _begun(self) -> tuple[Frame, Any]:
        frame = Frame(_ADDRESS, [_PACKAGE], _SERVICE, self._hear, _LOCK)
        try:
            return frame, await frame.start()
        except BaseException:
            frame.end()
            raise

    def _lay(self, frame: Frame, files: Mapping[str, bytes]) -> None:
        """Lay files into its folder, those that are not there yet."""
        for name, data in files.items():
            if name not in self._laid:
                self._laid.add(name)
                _say(frame, {"kind": "Put", "name": name})
                message = Object.new()
                message.bytes = Uint8Array.new(to_js(data)).buffer
                frame.post(message, message.bytes)

    async def _interrupt(self, frame: Frame, waiting: "asyncio.Future[Any]") -> None:
        """End the cell: with the names kept where it ends in time, else with its Python."""
        if self._frame is frame:
            message = Object.new()
            message.isInterrupt = True
            frame.post(message)
            # Where it awaits, no code of its own looks at the byte.
            _say(frame, {"kind": "Interrupt"})
            patience_s = _PATIENCE_S if self._can_interrupt else _PATIENCE_S / 4
            await asyncio.wait({waiting}, timeout=patience_s)
        if not waiting.done():
            self.end()

    def _hear(self, said: Any) -> None:
        waiting = self._waiting
        if said is None or waiting is None or waiting.done():
            self.end()  # it broke down, or says what nobody has asked for
            return
        if not isinstance(said, str):
            if self._named:
                self._changed[self._named] = bytes(said.to_bytes())
                self._laid.add(self._named)
            self._named = ""
            return
        message = read(said)
        match message:
            case None:
                self.end()
            case Done() | Variables() | Needs() | Installed():
                waiting.set_result(message)
            case File(name=name):
                self._named = name
            case Gone(name=name):
                self._changed[name] = None
            case Fetch() if self._frame is not None and len(self._requests) < _MOST_AT_ONCE:
                task = asyncio.ensure_future(self._answer(self._frame, message))
                self._requests.add(task)
                task.add_done_callback(self._requests.discard)
            case Fetch():
                self.end()
            case _:
                self._take(message)


def _pass(message: Message) -> None:
    """Hear what nobody has asked for."""


def _allow(frame: Frame, messages: int, room: int, texts: int) -> None:
    message = Object.new()
    message.owed = messages
    message.room = room
    message.texts = texts
    frame.post(message)


def _say(frame: Frame, value: dict[str, Any]) -> None:
    message = Object.new()
    message.text = json.dumps(value)
    frame.post(message)
