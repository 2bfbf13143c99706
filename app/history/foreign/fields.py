"""Reading fields of JSON that anybody may have written: the wrong type counts as not there."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from ...core.messages import File, Part, Reasoning, Source, Text, is_object
from ...core.nesting import is_too_deep

# Parts that do not come along, as `Talk.left_out` counts them.
IMAGES = "images"
FILES = "files"
SOUNDS = "sounds"
HIDDEN = "hidden"
LARGE = "large"
UNKNOWN = "unknown"
CANVAS_EDITS = "canvas edits"
PROJECTS = "projects"
MEMORIES = "memories"

# Until their bytes are there, files of an archive have their name in it, or its beginning, here.
IN_ARCHIVE = "in-archive:"

# Images that the page shows without asking anybody, and models take.
_PICTURE = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}")
_PICTURES = ("image", "image_url", "input_image")
_THINK = re.compile(
    r"\s*(?:<think(?:ing)?>(?P<tagged>.*?)(?:</think(?:ing)?>\s*|\Z)"
    r"|:::thinking\n(?P<fenced>.*?)(?:\n:::\s*|\Z))",  # as LibreChat has it
    re.DOTALL,
)

_MOST_MS = 4_102_444_800_000  # the year 2100
_MOST_SECONDS = 100_000_000_000


def decoded(data: bytes) -> Any:
    """The value of this JSON, which may have what only Python and JavaScript write.

    Raises:
        ValueError: It is none.
    """
    if is_too_deep(data):
        raise ValueError("nested too deep")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Halves of letters, control characters, NaN; and what a program of Windows wrote.
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
        value = json.loads(text, strict=False, parse_constant=lambda _: None)
        return msgspec.json.decode(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def dict_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def dicts_of(value: Any) -> list[dict[str, Any]]:
    return [each for each in list_of(value) if isinstance(each, dict)]


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def first_text(value: dict[str, Any], *names: str) -> str:
    """The first of these fields that says something."""
    return next((text for name in names if (text := text_of(value.get(name)))), "")


def id_of(value: Any) -> str:
    """An id, which some apps write as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(value)


def ms_of(value: Any) -> int:
    """A time in milliseconds since 1970, from seconds, milliseconds or ISO 8601; 0 for none."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            try:
                at = datetime.fromisoformat(value)
            except ValueError:
                return 0
            value = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if not 0 < value < 1e15:  # also what is not a number
        return 0
    ms = int(value * 1000) if value < _MOST_SECONDS else int(value)
    return ms if ms < _MOST_MS else 0


def arguments_of(value: Any) -> str:
    """The arguments of a call as the text of a JSON object."""
    if isinstance(value, str):
        if is_object(value):
            return value
        value = {"input": value}
    if value is None:
        return ""
    return json_of(value if isinstance(value, dict) else {"input": value})


def json_of(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def result_of(value: Any) -> str:
    """Give a tool's answer as text; `pictures_in` gives its pictures."""
    if isinstance(value, str):
        return value
    if pictured := [each for each in dicts_of(value) if each.get("type") in _PICTURES]:
        value = [each for each in list_of(value) if each not in pictured]
        if not value:
            return ""
    said = [text_of(each.get("text")) for each in dicts_of(value)]
    if said and all(said):
        return "\n".join(said)
    return "" if value is None else json_of(value)


def pictures_in(value: Any, left_out: Counter[str]) -> list[Part]:
    """The pictures in a tool's answer, in the forms of Anthropic and OpenAI."""
    found: list[Part] = []
    for block in dicts_of(value):
        if block.get("type") == "image":
            found.append(picture_block(block, left_out))
        elif block.get("type") in _PICTURES:
            told = block.get("image_url")
            url = text_of(told) or text_of(dict_of(told).get("url"))
            found.append(picture(url, "", left_out))
    return found


def picture(url: str, name: str, left_out: Counter[str]) -> File:
    """An image whose bytes are in its address. Of another one the name stays, and no address:
    nothing that a file says is to be asked for.
    """
    kind = url[5 : url.find(";")] if url.startswith("data:") else ""
    if _PICTURE.fullmatch(url):
        return File(url, kind, name)
    left_out[IMAGES] += 1
    return File("", "image/*", name)


def picture_block(block: dict[str, Any], left_out: Counter[str]) -> File:
    """The image in a block of Anthropic's form, which holds type and bytes apart; those of MCP
    have no source around them.
    """
    told = dict_of(block.get("source")) or block
    kind = first_text(told, "media_type", "mimeType")
    url = f"data:{kind};base64,{text_of(told.get('data'))}"
    return picture(url, "", left_out)


def lost(name: str, mime_type: str, left_out: Counter[str]) -> File:
    """A file that is not in the export, by its name."""
    kind = mime_type.partition("/")[0]
    left_out[{"image": IMAGES, "audio": SOUNDS}.get(kind, FILES)] += 1
    return File("", mime_type, name or "file")


def source(url: Any, title: Any = "", quote: Any = "") -> Source | None:
    """A source, where it is on the web."""
    address = text_of(url)
    if not address.startswith(("https://", "http://")):
        return None
    return Source(address, text_of(title), text_of(quote))


def each_once(sources: Iterable[Source | None]) -> list[Source]:
    """The sources, of each address the first."""
    found: dict[str, Source] = {}
    for one in sources:
        if one is not None:
            found.setdefault(one.url, one)
    return list(found.values())


def thought_and_said(text: str) -> list[Part]:
    """Split a text that begins with the model's thinking, in tags."""
    found = _THINK.match(text)
    if found is None:
        return [Text(text)] if text else []
    thought, rest = (found["tagged"] or found["fenced"] or "").strip(), text[found.end() :]
    parts: list[Part] = [Reasoning(thought)] if thought else []
    return [*parts, Text(rest)] if rest else parts
