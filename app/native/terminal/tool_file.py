"""Tools from a person's own Python file."""

import dataclasses
import importlib.util
import inspect
import sys
from pathlib import Path

from ...core.errors import UsageError
from ...core.tools import Tool, tool

_NAME = "tokenfall_tools"


def tools_from(path: Path, *, needs_approval: bool) -> list[Tool]:
    """Run the file; return its tools: those marked `@tool`, or else its public functions.

    Raises:
        UsageError: It cannot be read or run, or there is no tool in it.
    """
    spec = importlib.util.spec_from_file_location(_NAME, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is no Python file: --tools wants one that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module  # where dataclasses and type hints look their names up
    sys.path.insert(0, str(path.resolve().parent))  # what lies beside it can be imported
    try:
        spec.loader.exec_module(module)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except (Exception, SystemExit) as error:
        raise UsageError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
    values = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    tools = [value for value in values.values() if _is_tool(value)] or [
        tool(value)
        for value in values.values()
        if inspect.isfunction(value) and value.__module__ == _NAME
    ]
    if not tools:
        raise UsageError(f"{path} has no public function")
    return [dataclasses.replace(one, needs_approval=needs_approval) for one in tools]


def _is_tool(value: object) -> bool:
    return isinstance(value, Tool)
