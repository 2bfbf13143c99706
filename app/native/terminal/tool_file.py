"""Tools from a person's own Python file."""

import dataclasses
import importlib.util
import sys
from pathlib import Path

from ...core.errors import UsageError
from ...core.tools.function_tool import Tool
from ...core.tools.tool_source import tools_in

_NAME = "tokenfall_tools"


def tools_from(path: Path, *, needs_approval: bool) -> list[Tool]:
    """Run the file; return its tools (`core/tools/tool_source` says which).

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
    try:
        tools = tools_in(module)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    return [dataclasses.replace(one, needs_approval=needs_approval) for one in tools]
