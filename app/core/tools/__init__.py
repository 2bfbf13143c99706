"""A Python function as a tool: its schema, checked arguments, the call.

What files of tools import, in the tab and elsewhere, stands here.
"""

from .function_tool import Tool, ToolError, tool

__all__ = ["Tool", "ToolError", "tool"]
