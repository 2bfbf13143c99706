"""The provider's own work besides speaking: tools that it ran, images, citations."""

from collections.abc import Iterator
from typing import Any

from ...core.events import Event
from ...core.messages import File, ProviderTool, Source
from ..tolerant import as_dict, as_int, as_json, as_list, as_str


def tool_name(kind: str) -> str:
    """The name of a tool by the kind of its item."""
    return kind.removesuffix("_call")


def provider_tool(fields: dict[str, Any]) -> Iterator[Event]:
    """A tool that the provider ran, and the images that it made."""
    kind = as_str(fields.get("type"))
    files: list[File] = []
    kept = {name: value for name, value in fields.items() if value is not None}
    # An image is large: it is kept once, as a file.
    drawn = as_str(kept.pop("result", None)) if kind == "image_generation_call" else ""
    if drawn:
        files.append(image(drawn, as_str(fields.get("output_format"))))
    outputs = as_list(kept.get("outputs"))
    if images := [one for one in outputs if as_dict(one).get("type") == "image"]:
        files += [File(url) for one in images if (url := as_str(one.get("url")))]
        kept["outputs"] = [one for one in outputs if one not in images]
    yield ProviderTool(
        as_str(fields.get("id")) or as_str(fields.get("call_id")),
        (as_str(fields.get("name")) if kind.endswith("_call") else "") or tool_name(kind),
        _asked(kept),
        next(
            (kept[name] for name in ("output", "outputs", "results", "tools") if kept.get(name)),
            kept.get("error"),
        ),
        kept,
        _asks_for(kept) if kind == "mcp_approval_request" else "",
    )
    yield from files


def _asks_for(fields: dict[str, Any]) -> str:
    """The remote tool that waits for leave, by its server: a dot is in no name of ours."""
    return f"{as_str(fields.get('server_label')) or 'mcp'}.{as_str(fields.get('name'))}"


def _asked(fields: dict[str, Any]) -> str:
    """Give the arguments of a provider's tool, as JSON text."""
    for name in ("arguments", "input", "action", "operation"):
        value = fields.get(name)
        if value:
            return value if isinstance(value, str) else as_json(value)
    asked = {
        name: fields[name]
        for name in ("code", "queries", "prompt", "revised_prompt")
        if fields.get(name)
    }
    return as_json(asked) if asked else ""


def image(base64: str, output_format: str | None) -> File:
    """An image that a tool made."""
    if base64.startswith(("data:", "https:", "http:")):
        return File(base64)
    # PNG unless it says otherwise; xAI does not say.
    mime_type = f"image/{output_format or 'png'}"
    return File(f"data:{mime_type};base64,{base64}", mime_type)


def source(annotation: dict[str, Any]) -> Source | None:
    """A citation; its places count from the beginning of its own piece of the text."""
    inner = as_dict(annotation.get(as_str(annotation.get("type"))))  # OpenRouter's nesting
    fields = annotation | inner
    url = as_str(fields.get("url"))
    if not url and (file_id := as_str(fields.get("file_id"))):
        container = as_str(fields.get("container_id"))
        url = f"file-id:{container}/{file_id}" if container else f"file-id:{file_id}"
    if not url:
        return None
    start, end = as_int(fields.get("start_index")), as_int(fields.get("end_index"))
    if start is None:  # a file is cited at one place
        start = end = as_int(fields.get("index"))
    return Source(
        url,
        as_str(fields.get("title")) or as_str(fields.get("filename")),
        as_str(fields.get("content")),
        start,
        end,
    )
