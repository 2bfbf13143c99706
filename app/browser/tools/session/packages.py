"""Finds and fetches the packages that a cell needs, where the person agrees. The same question
names the addresses that it is to reach.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import NamedTuple

from js import fetch
from pyodide import __version__ as pyodide_version
from pyodide.ffi import JsException

from ....python.messages import Needs, name_of
from . import words
from .catalogue import Catalogue
from .package_plan import Offer, Plan
from .python_session import CellLeave, Provided
from .reach import Reach

_LOCK = "vendor/pyodide/packages.json"


class Granted(NamedTuple):
    """Answer of the person to an offer; of its addresses "once", "chat" or "no"."""

    loads: bool
    reaches: str


class Packages:
    """`ask(chat_id, offer)` asks the person, once for a chat and what it needs. `reach` knows who
    may be asked.
    """

    def __init__(self, ask: Callable[[str, Offer], Awaitable[Granted]], reach: Reach) -> None:
        self._ask = ask
        self._reach = reach
        self._catalogue: Catalogue | None = None
        self._declined: set[tuple[str, str]] = set()

    async def provide(self, chat_id: str, needs: Needs, leave: CellLeave) -> Provided:
        """Fetch what is needed, and ask for the addresses. Does not raise: what can't be had is a
        note.
        """
        hosts = self._reach.unknown(chat_id, needs.hosts)
        try:
            return await self._provide(chat_id, needs, hosts, leave)
        except (JsException, OSError) as error:
            return Provided(notes=[words.no_packages(str(error))])

    async def _provide(
        self, chat_id: str, needs: Needs, hosts: list[str], leave: CellLeave
    ) -> Provided:
        plan, wanted, notes = await self._plan(chat_id, needs)
        is_from_elsewhere = plan is not None and plan.is_from_elsewhere
        if is_from_elsewhere or hosts:
            offer = plan.offer() if plan is not None and is_from_elsewhere else Offer()
            granted = await self._ask(chat_id, replace(offer, addresses=hosts))
            self._reach.settle(chat_id, hosts, granted.reaches, leave)
            if hosts and granted.reaches == "no":
                notes.append(words.hosts_declined(hosts))
            if is_from_elsewhere and not granted.loads:
                self._declined.update((chat_id, name) for name in wanted)
                return Provided(notes=[*notes, words.declined(wanted)])
        if plan is None:
            return Provided(notes=notes)
        await plan.add(plan.unknown, asks_pypi=True)
        provided = await plan.fetched()
        return replace(provided, notes=[*notes, *provided.notes])

    async def _plan(self, chat_id: str, needs: Needs) -> tuple[Plan | None, list[str], list[str]]:
        """List what is to be loaded, by which names, and what is to be told of it."""
        if not (needs.modules or needs.requirements):
            return None, [], []
        catalogue = await self._known()
        wanted = {catalogue.project_of(module): "" for module in needs.modules}
        wanted = {name: name for name in wanted if name}
        wanted |= {name_of(one): one for one in needs.requirements}
        refused = [name for name in wanted if (chat_id, name) in self._declined]
        if refused:
            return None, [], [words.declined(refused)]
        plan = await Plan.begin(catalogue)
        await plan.add(wanted.values(), asks_pypi=False)
        return plan, list(wanted), []

    async def _known(self) -> Catalogue:
        if self._catalogue is None:
            response = await fetch(_LOCK)
            if not response.ok:
                raise OSError(f"{_LOCK}: HTTP status {response.status}")
            lock = (await response.json()).to_py()
            self._catalogue = Catalogue(lock, pyodide_version)
        return self._catalogue
