"""Tools of a question whose results its reader gives."""

from ...core.errors import UsageError
from ...core.options import ToolDefinition
from ...core.tools.function_tool import Tool
from .refusals import RefusedError


def asked_elsewhere(definition: ToolDefinition) -> Tool:
    """Make a tool whose result comes from elsewhere."""
    try:
        return Tool.from_schema(definition.name, definition.description, definition.parameters)
    except UsageError as error:
        raise RefusedError(400, "bad_tool", str(error)) from None
