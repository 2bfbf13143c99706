"""A Python function as a tool: its schema, checked arguments, the call.

Files of tools import from here, in the tab and elsewhere.
"""

from .function_tool import Tool, ToolError, tool

__all__ = ["Tool", "ToolError", "tool"]
