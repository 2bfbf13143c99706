"""Packages on their way into the Python of a chat. Pure."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Offer:
    """What is to be loaded: `lines` for a person, a package each; `hosts` from where."""

    names: list[str]
    lines: list[str]
    hosts: list[str]


@dataclass(slots=True)
class Provided:
    """Packages for a session: `names` of Pyodide's list, other `wheels` by the names of their
    files, all of it in `files`. `notes` are for the model.
    """

    names: list[str] = field(default_factory=list)
    wheels: list[str] = field(default_factory=list)
    files: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
