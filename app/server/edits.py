"""`serve.py --reload`: open pages and the server take in edits under app/.

Pages ask which state of the files they show (`/api/edits`, an event stream), and are opened anew at
another one. Modules of the server's side are loaded once, so for those the server starts again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

SCRIPT = "api/edits.mjs"
# In JavaScript, since an edit may keep Python from starting. What the service worker kept is of
# before the edit.
_SCRIPT = b"""\
const edits = new EventSource("api/edits");
let opened;
edits.onmessage = async ({ data }) => {
  opened ??= data;
  if (data === opened) return;
  const worker = await navigator.serviceWorker?.getRegistration();
  await worker?.unregister();
  location.reload();
};
"""

_EVERY_S = 0.5
_SUFFIXES = {".py", ".js", ".mjs", ".css", ".html", ".svg"}
_BESIDE = ("index.html", "pyscript.toml", "serve.py")

State = dict[Path, tuple[int, int]]


class Edits:
    """Looks at the files again and again, while somebody wants to know."""

    def __init__(self, root: Path, closing: asyncio.Event) -> None:
        self._root = root
        self._closing = closing

    def routes(self) -> list[Route]:
        """Give the addresses that the page asks."""
        return [
            Route(f"/{SCRIPT}", self._script, methods=["GET"]),
            Route("/api/edits", self._stream, methods=["GET"]),
        ]

    async def until_server_changes(self, say: Callable[[str], None]) -> None:
        """Wait for an edit of a module that the server has loaded, and that is Python."""
        before = await run_in_threadpool(self._state)
        async for state in self._states():
            edited = {path for path, one in state.items() if before.get(path) != one}
            before = state
            ours = sorted(path for path in edited if self._is_of_the_server(path))
            problems = [problem for path in ours if (problem := _problem(path))]
            for problem in problems:
                say(f"{problem} The server goes on as it was.")
            if ours and not problems:
                say(f"{ours[0].relative_to(self._root)} was edited: the server starts again.")
                return

    def _is_of_the_server(self, path: Path) -> bool:
        return path.suffix == ".py" and not path.is_relative_to(self._root / "app" / "browser")

    async def _script(self, request: Request) -> Response:
        return Response(_SCRIPT, media_type="text/javascript")

    async def _stream(self, request: Request) -> Response:
        # Before the headers: who has those can edit, and will hear of it.
        first = await run_in_threadpool(self._state)

        async def events() -> AsyncIterator[bytes]:
            told = first
            yield _event(told)
            async for state in self._states():
                if state != told:
                    told = state
                    yield _event(told)

        return StreamingResponse(
            events(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    async def _states(self) -> AsyncIterator[State]:
        while not self._closing.is_set():
            yield await run_in_threadpool(self._state)
            try:
                await asyncio.wait_for(self._closing.wait(), _EVERY_S)
            except TimeoutError:
                continue

    def _state(self) -> State:
        """Tell of each file when it was written, and its length."""
        found: State = {}
        for path in [*(self._root / "app").rglob("*"), *(self._root / name for name in _BESIDE)]:
            if path.suffix in _SUFFIXES or path.name in _BESIDE:
                try:
                    about = path.stat()
                except OSError:  # an editor that writes it anew just then
                    continue
                found[path] = about.st_mtime_ns, about.st_size
        return found


def _event(state: State) -> bytes:
    digest = sha256(repr(sorted(state.items())).encode()).hexdigest()
    return f"data: {digest}\n\n".encode()


def _problem(path: Path) -> str:
    """Say what keeps a file from being Python; empty where nothing does."""
    try:
        compile(path.read_bytes(), str(path), "exec")
    except (SyntaxError, ValueError) as error:
        return f"{path.name}, line {getattr(error, 'lineno', 0)}: {error.args[0]}."
    except OSError:
        return ""
    return ""
