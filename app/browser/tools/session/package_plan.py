"""Packages to be loaded for a cell, and where each of them is: in this browser, in the folder of
this page's server, in Pyodide's distribution, on PyPI. Each file is known by its hash.
"""

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import js
from js import Response, document, fetch
from pyodide.ffi import JsException

from ....python.messages import name_of
from . import words
from .catalogue import (
    ABOUT_BYTES,
    MOST_PROJECTS,
    PYPI,
    Catalogue,
    Found,
    Wheel,
    found_in,
    satisfies,
    version_of,
)
from .python_session import Provided

_SERVED = "api/packages"
_STORE = "tokenfall packages"


@dataclass(slots=True)
class Offer:
    """Packages to be loaded: `lines` for a person, a package each; `hosts` from where. And
    `addresses`, hosts that the cell is to reach.
    """

    names: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)


class Plan:
    """Packages to be loaded, and their places."""

    @classmethod
    async def begin(cls, catalogue: Catalogue) -> "Plan":
        """Begin with what the server and this browser have."""
        return cls(catalogue, await _served(), await _store())

    def __init__(self, catalogue: Catalogue, served: dict[str, Any], store: Any) -> None:
        self._catalogue = catalogue
        self._served = served
        self._store = store
        self._listed: dict[str, Wheel] = {}  # of Pyodide's list
        self._others: dict[str, Wheel] = {}
        self._kept: set[str] = set()  # hashes of what this browser keeps
        # Files, by where they should be and why they could not be had.
        self._not_fetched: dict[tuple[str, str], list[str]] = {}
        self._without_room: list[str] = []  # names of those that this browser did not keep
        self.unknown: list[str] = []  # requirements that only PyPI could tell of
        self.notes: list[str] = []

    async def add(self, requirements: Iterable[str], *, asks_pypi: bool) -> None:
        """Find these, and what they need."""
        waiting, self.unknown = list(requirements), []
        while waiting:
            requirement = waiting.pop(0)
            name = name_of(requirement)
            if "://" in requirement:
                self.notes.append(words.not_had(requirement, words.BY_NAME))
                continue
            if not name or name in self._listed or name in self._others:
                continue
            if self._catalogue.has(name):
                await self._list(requirement, name)
                continue
            found = await self._known(name, requirement)
            if found is None and not asks_pypi:
                self.unknown.append(requirement)
                continue
            found = found or await self._on_pypi(name, requirement)
            if found is None:
                continue
            if len(self._others) >= MOST_PROJECTS:
                self.notes.append(words.too_many_projects(MOST_PROJECTS))
                return
            self._others[name] = found.wheel
            if await self._keeps(found.wheel.sha256):
                self._kept.add(found.wheel.sha256)
            waiting += found.requires

    async def _list(self, requirement: str, name: str) -> None:
        for wheel in self._catalogue.closure([name]):
            self._listed[wheel.name] = wheel
            if await self._keeps(wheel.sha256):
                self._kept.add(wheel.sha256)
        have = self._listed[name]
        if not satisfies(have.version, requirement):
            self.notes.append(words.other_version(name, have.version, requirement))

    @property
    def is_from_elsewhere(self) -> bool:
        """Tell whether anything has to come that this browser does not keep."""
        return bool(self.unknown) or any(one.sha256 not in self._kept for one in self._wheels)

    def offer(self) -> Offer:
        """List the packages for the person."""
        lines, hosts = [], []
        for wheel in self._wheels:
            size, place = wheel.size, words.KEPT
            if wheel.sha256 not in self._kept:
                size = self._size_served(wheel) or size
                place = words.SERVED if self._size_served(wheel) else _host(wheel.address)
                hosts.append(place)
            told = words.told_size(size, ABOUT_BYTES.get(wheel.name, 0))
            lines.append(words.package(wheel.name, wheel.version, told, place))
        for requirement in self.unknown:
            lines.append(words.project(requirement, _host(PYPI)))
            hosts.append(_host(PYPI))
        names = [one.name for one in self._wheels] + [name_of(one) for one in self.unknown]
        return Offer(names, lines, list(dict.fromkeys(hosts)))

    async def fetched(self) -> Provided:
        """Fetch all of it."""
        data = await asyncio.gather(*map(self._fetch, self._wheels))
        files = {one.file_name: got for one, got in zip(self._wheels, data, strict=True) if got}
        names = [one.name for one in self._listed.values() if one.file_name in files]
        wheels = [one.file_name for one in self._others.values() if one.file_name in files]
        loaded = [f"{one.name} {one.version}" for one in self._wheels if one.file_name in files]
        size = sum(int(one.byteLength) for one in files.values())
        for (place, reason), missing in sorted(self._not_fetched.items()):
            self.notes.append(words.not_fetched(", ".join(sorted(missing)), place, reason))
        if self._without_room:
            self.notes.insert(0, words.not_kept(sorted(self._without_room)))
        if loaded:
            self.notes.insert(0, words.loaded(loaded, size))
        return Provided(names, wheels, files, self.notes, loaded)

    @property
    def _wheels(self) -> list[Wheel]:
        return [*self._listed.values(), *self._others.values()]

    def _size_served(self, wheel: Wheel) -> int:
        """Tell the size of the server's file; 0 where it has none, or another one."""
        one = self._served.get(wheel.file_name, {})
        return int(one.get("size", 0)) if one.get("sha256") == wheel.sha256 else 0

    async def _fetch(self, wheel: Wheel) -> Any:
        if self._store and (kept := await self._store.match(_key(wheel.sha256))):
            data = await kept.arrayBuffer()
            if _digest(data) == wheel.sha256:
                return data
        address = wheel.address
        if self._size_served(wheel):
            address = f"{_SERVED}/{wheel.file_name}"
        try:
            response = await fetch(address)
            if not response.ok:
                raise OSError(f"HTTP status {response.status}")
            data = await response.arrayBuffer()
        except (JsException, OSError) as error:
            place = address.removesuffix(wheel.file_name)
            self._not_fetched.setdefault((place, str(error)), []).append(wheel.file_name)
            return None
        if _digest(data) != wheel.sha256:
            self.notes.append(words.other_file(wheel.file_name, address))
            return None
        if self._store:
            try:
                await self._store.put(_key(wheel.sha256), Response.new(data))
            except JsException:
                self._without_room.append(wheel.name)
        return data

    async def _keeps(self, digest: str) -> bool:
        return bool(self._store and await self._store.match(_key(digest)))

    async def _known(self, name: str, requirement: str) -> Found | None:
        """A project as far as it can be told without asking anybody elsewhere."""
        for file_name, one in self._served.items():
            is_it = name_of(str(one.get("name", ""))) == name
            if is_it and satisfies(str(one["version"]), requirement):
                wheel = Wheel(
                    name,
                    str(one["version"]),
                    file_name,
                    str(one["sha256"]),
                    f"{_SERVED}/{file_name}",
                    int(one["size"]),
                )
                return Found(wheel, [str(each) for each in one.get("requires", ())])
        if self._store and (kept := await self._store.match(_project_key(name))):
            wheel_values, requires = (await kept.json()).to_py()
            found = Found(Wheel(*wheel_values), list(requires))
            return found if satisfies(found.wheel.version, requirement) else None
        return None

    async def _on_pypi(self, name: str, requirement: str) -> Found | None:
        address = f"{PYPI}pypi/{name}/json"
        try:
            project = await _json(address)
            version, why_not = version_of(project, requirement)
            if why_not:
                self.notes.append(words.not_had(requirement, why_not))
                return None
            found = found_in(await _json(f"{PYPI}pypi/{name}/{version}/json"), name, version)
        except (JsException, OSError) as error:
            self.notes.append(words.not_fetched(requirement, address, str(error)))
            return None
        if found is not None and self._store:
            text = json.dumps([[*found.wheel], found.requires])
            with suppress(JsException):
                await self._store.put(_project_key(name), Response.new(text))
        return found


async def _json(address: str) -> Any:
    response = await fetch(address)
    if not response.ok:
        raise OSError(f"HTTP status {response.status}")
    return (await response.json()).to_py()


async def _served() -> dict[str, Any]:
    """Ask this page's server for its folder of packages: by the names of files."""
    if document.documentElement.getAttribute("data-host") != "server":
        return {}
    try:
        return dict(await _json(_SERVED))
    except (JsException, OSError):
        return {}


async def _store() -> Any:
    """Open the browser's cache; None where there is none, as over plain http from elsewhere."""
    try:
        return await js.caches.open(_STORE)
    except (JsException, AttributeError):
        return None


def _key(digest: str) -> str:
    return f"packages/{digest}"


def _project_key(name: str) -> str:
    return f"packages/project/{name}"


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0] or words.SERVED


def _digest(data: Any) -> str:
    return sha256(data.to_bytes()).hexdigest()
