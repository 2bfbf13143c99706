"""Tools that the server runs: code that it executes, or one of its own by name."""

from typing import Any

from ...core.messages import ProviderTool
from ..tolerant import as_dict, as_json, as_str
from .shapes import RESULTS


class ServerTool:
    """One of them, from its call to its result."""

    def __init__(self, kind: str, fields: dict[str, Any], signature: str | None) -> None:
        head = dict(fields)
        self.id = as_str(fields.get("id"))
        self.name = "code_execution"
        self.result: Any = None
        self.heads: list[list[Any]] = []  # kind, fields and signature of its parts
        if kind in ("executableCode", "codeExecutionResult"):
            head.pop("code", None)
            head.pop("language", None)
            arguments = {k: v for k, v in fields.items() if k in ("language", "code")}
        else:
            self.name = as_str(fields.get("toolType")).lower()
            arguments = as_dict(head.pop("args", None))
        self.arguments = as_json(arguments) if arguments else ""
        if kind not in RESULTS:
            self.heads.append([kind, head, signature])

    def add_result(self, kind: str, fields: dict[str, Any], signature: str | None) -> None:
        self.result = fields
        self.id = self.id or as_str(fields.get("id"))
        self.name = self.name or as_str(fields.get("toolType")).lower()
        self.heads.append([kind, {}, signature])

    def part(self) -> ProviderTool:
        """The tool with all that is to be echoed, and nothing of it twice."""
        return ProviderTool(self.id, self.name, self.arguments, self.result, self.heads)
