"""The page in front of a function, served by the program that has it: a script or a notebook.

tokenfall.serve(answer)
"""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any, NamedTuple

from ..native.agent_here import AgentHere
from .listening import DEFAULT_HOST, DEFAULT_PORT, address, listen
from .main import serve as serve_page
from .page_folder import page_here


def serve(
    answer: Callable[..., Any] | object,
    *,
    title: str = "",
    description: str = "",
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    open_browser: bool = True,
) -> "Served | None":
    """Serve the page in front of `answer`, for the person of this computer, until Ctrl+C.

    Where a loop runs already, as in a notebook, it serves beside it and returns at once, with a
    link to the page. Called there again for the same port, as when a cell is run again, the page
    that is served is in front of the new function.

    Raises:
        UsageError: It cannot answer, or there is no page here; the message says why.
        SetupError: The port is taken.
    """
    before = _beside.get((host, port))
    if before is not None and before.thread.is_alive():
        before.agent.renew(answer, title=title, description=description)
        return Served(before.agent.look().title, before.url)
    page = page_here()
    agent = AgentHere(answer, title=title, description=description)
    sockets = listen(host, port)
    start = partial(
        serve_page,
        root=page.runtime,
        runtime=page.runtime,
        page=page,
        host=host,
        sockets=sockets,
        open_browser=open_browser,
        with_model=False,
        discovery=False,
        agent=agent,
    )
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        start()
        return None
    url = address(host, sockets[0].getsockname()[1])

    def serve_beside() -> None:
        try:
            start(told=url)
        finally:
            for one in sockets:
                one.close()  # also where it failed before it served: the port is free again

    thread = threading.Thread(target=serve_beside, daemon=True)
    thread.start()
    if port:
        _beside[host, port] = _Beside(agent, url, thread)
    return Served(agent.look().title, url)


class _Beside(NamedTuple):
    """A page that is served beside a loop."""

    agent: AgentHere
    url: str
    thread: threading.Thread


# By host and port, for as long as this program runs.
_beside: dict[tuple[str, int], _Beside] = {}


class Served(NamedTuple):
    """Address of the page; a notebook shows the link."""

    title: str
    url: str

    def _repr_html_(self) -> str:
        return f'<a href="{escape(self.url)}" target="_blank">{escape(self.title)}</a>'
