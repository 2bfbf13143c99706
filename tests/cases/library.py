"""The recorded cases: answers of real providers, with what they mean.

They are large and of many licences, so they lie beside the repository and not in it: in the folder
that the environment variable TOKENFALL_CASES names, else in `../shared/cases`. Every case is a body
and a `.meta.json` beside it; nothing here knows a case by its name.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "TOKENFALL_CASES"

_ROOT = Path(__file__).resolve().parents[2]
_META = ".meta.json"


def _find() -> Path | None:
    if named := os.environ.get(VARIABLE):
        return Path(named)
    beside = _ROOT.parent / "shared" / "cases"
    return beside if beside.is_dir() else None


# The folders of the protocols that are spoken here, and what these are called here.
PROTOCOLS = {
    "openai-chat": "openai-chat",
    "openai-responses": "openai-responses",
    "anthropic-messages": "anthropic-messages",
    "gemini-streamgeneratecontent": "gemini",
    "ollama-ndjson": "ollama",
}

# Streams of theirs in another framing, and of protocols that have streams alone.
_FURTHER_STREAMS = {
    "extra/gemini-json-array": "gemini",
    "extra/google-interactions": "gemini-interactions",
}


# None where a clone has no such neighbour; a folder that was named but is missing stays a path, so
# that the tests say so instead of running on nothing.
FOLDER = _find()

# Marks a test that reads them.
recorded = pytest.mark.skipif(FOLDER is None, reason="the recorded cases are not here")


@dataclass(frozen=True)
class Case:
    """One recorded body. `meta` and `body` are read from disk when they are first asked for."""

    path: Path  # of the meta file

    @property
    def name(self) -> str:
        return self.path.name.removesuffix(_META)

    @cached_property
    def meta(self) -> dict[str, Any]:
        meta: dict[str, Any] = json.loads(self.path.read_bytes())
        return meta

    @cached_property
    def body(self) -> bytes:
        named: str | None = self.meta.get("file") or self.meta.get("body_file")
        if named:
            return (self.path.parent / named).read_bytes()
        (beside,) = (
            path
            for path in self.path.parent.glob(f"{self.name}.*")
            if not path.name.endswith(_META)
        )
        return beside.read_bytes()

    @property
    def protocol(self) -> str:
        """Our name of the protocol; of a case in a folder of one protocol."""
        known = PROTOCOLS | {path.split("/")[-1]: name for path, name in _FURTHER_STREAMS.items()}
        return known[self.path.parent.name]

    @property
    def quality(self) -> str | None:
        """The certainty of the expectation: A, B, C, or None where there is none."""
        quality: str | None = self.meta.get("expect_quality")
        return quality

    @property
    def expect(self) -> dict[str, Any]:
        expect: dict[str, Any] = self.meta["expect"]
        return expect

    def __str__(self) -> str:
        return self.name


def cases(folder: str) -> list[Case]:
    """List the cases of one folder, by name; empty where it is not there."""
    if FOLDER is None:
        return []
    return [Case(path) for path in sorted((FOLDER / folder).glob(f"*{_META}"))]


def of_all_protocols(folder: str) -> list[Case]:
    """The cases of one kind, `streams` or `http-errors`, of every protocol that is spoken here."""
    folders = [*PROTOCOLS, *(_FURTHER_STREAMS if folder == "streams" else ())]
    return [case for protocol in folders for case in cases(f"{folder}/{protocol}")]


def bodies_of_all_protocols() -> list[Path]:
    """Every body of every provider: streams, whole answers and errors."""
    if FOLDER is None:
        return []
    return sorted(
        path
        for folder in ("streams", "nonstream", "llamacpp", "http-errors")
        for path in (FOLDER / folder).rglob("*.*")
        if not path.name.endswith(_META)
    )


def tables(folder: str, member: str) -> Iterator[dict[str, Any]]:
    """The entries that have `member`, of all JSON files with a list `cases` in one folder."""
    if FOLDER is None:
        return
    for path in sorted((FOLDER / folder).glob("*.json")):
        for entry in json.loads(path.read_bytes())["cases"]:
            if member in entry:
                yield entry
