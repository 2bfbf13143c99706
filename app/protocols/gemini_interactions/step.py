"""Steps of an answer as they grow, and the content in them."""

from typing import Any

from ...core.messages import File, ProviderTool
from ..data_urls import data_url
from ..tolerant import as_dict, as_json, as_str, clean

# Kinds of content that are files, in an answer as in a question.
FILES = ("image", "audio", "video", "document")


class Step:
    """Step of an answer: its beginning, with what its deltas changed. `order` counts all steps."""

    def __init__(self, order: int, fields: dict[str, Any], start: int) -> None:
        self.order = order
        self.kind = as_str(fields.get("type"))
        self.fields: dict[str, Any] = clean(fields)
        self.start = start  # of its text in that of the whole answer
        self.said: list[str] = []
        self.citations: list[dict[str, Any]] = []
        self.thinks = False  # it had thoughts to show
        self.has_arguments = False  # they came in deltas
        self.is_over = False

    def take(self, delta: dict[str, Any]) -> None:
        """Take the fields of a delta that tells a tool of the provider in whole."""
        self.fields |= {key: one for key, one in clean(delta).items() if one not in (None, "")}
        self.fields["type"] = self.kind

    def signature(self) -> dict[str, Any]:
        """The seal of the step, where it has one."""
        signature = as_str(self.fields.get("signature"))
        return {"signature": signature} if signature else {}

    def arguments(self) -> str:
        """The arguments that the step was begun with, as text."""
        arguments = self.fields.get("arguments")
        return arguments if isinstance(arguments, str) else as_json(as_dict(arguments))


class ServerTool:
    """A tool that the server runs: the step of its call and the one of its result."""

    def __init__(self) -> None:
        self._call: dict[str, Any] | None = None
        self._result: dict[str, Any] | None = None
        self._told: Any = None
        self._arguments = ""
        self._name = self._id = ""

    def add(self, step: Step) -> None:
        """Take one of its two steps."""
        head = {name: one for name, one in step.fields.items() if one != ""}  # an empty signature
        kind, _, end = step.kind.rpartition("_")
        # A server of tools elsewhere has names of its own for them.
        self._name = self._name or as_str(head.get("name")) or kind
        self._id = self._id or as_str(head.get("id")) or as_str(head.get("call_id"))
        if end == "call":
            self._arguments = step.arguments() if head.pop("arguments", None) else ""
            self._call = head
        else:
            self._told = head.pop("result", None)
            self._result = head

    def part(self) -> ProviderTool:
        """The tool with all that is to be sent back, and nothing of it twice."""
        kept = [step for step in (self._call, self._result) if step is not None]
        return ProviderTool(self._id, self._name, self._arguments, self._told, kept)


def file(fields: dict[str, Any]) -> File | None:
    """An image or another file, inside the content or at an address."""
    mime_type = as_str(fields.get("mime_type"))
    if data := as_str(fields.get("data")):
        return File(data_url(mime_type, data), mime_type)
    uri = as_str(fields.get("uri"))
    return File(uri, mime_type) if uri else None


def citation(annotation: dict[str, Any]) -> dict[str, Any]:
    """A citation of a page, a place or a file, in the words of `generateContent`."""
    named = ("url", "document_uri", "source"), ("title", "name", "file_name")
    url, title = (
        next((text for key in keys if (text := as_str(annotation.get(key)))), "") for keys in named
    )
    places = {"startIndex": annotation.get("start_index"), "endIndex": annotation.get("end_index")}
    return {"uri": url, "title": title} | places
