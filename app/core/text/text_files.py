"""Text files in a question: each is a part of its text, in a frame that names it. Pure.

Every model reads them this way, and the page finds them again by their frame.
"""

import re
from collections.abc import Sequence

from ..messages import File, Message, Part, Text

_NAME_CHARACTERS = 120
_FRAME = re.compile(
    r"File: (?P<name>[^\n]+)\n\n(?P<fence>`{3,})[^\n`]*\n(?P<body>.*)\n(?P=fence)\n\n", re.DOTALL
)
_LANGUAGE = re.compile(r"\.([A-Za-z0-9+#]{1,12})$")


def framed(name: str, content: str, size_bytes: int = 0) -> Text:
    """The part that carries a text file, which was of this size. No fence within the content can
    end it.
    """
    name = tidy_name(name)
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    language = found.group(1).lower() if (found := _LANGUAGE.search(name)) else ""
    written = f"File: {name}\n\n{fence}{language}\n{content}\n{fence}\n\n"
    is_same = size_bytes == len(content.encode("utf-8", "replace"))
    return Text(written, 0 if is_same else size_bytes)


def unframed(part: Part) -> tuple[str, str] | None:
    """Name and content of the text file that this part carries, None where it carries none."""
    if not isinstance(part, Text) or not part.text.startswith("File: "):
        return None
    found = _FRAME.fullmatch(part.text)
    return (found["name"], found["body"]) if found else None


def tidy_name(name: str) -> str:
    """Tidy a file's name: on one line, without letters that would turn or hide it, not too long."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(clean) > _NAME_CHARACTERS:
        head, dot, ending = clean.rpartition(".")
        ending = dot + ending if head and len(ending) <= 12 else ""
        clean = clean[: _NAME_CHARACTERS - len(ending) - 1] + "…" + ending
    return clean or "file"


def own_text(message: Message) -> str:
    """Give the person's own words in a question, without the files."""
    return written(message.parts)


def written(parts: Sequence[Part]) -> str:
    """Give the person's own words among these parts."""
    return "".join(p.text for p in parts if isinstance(p, Text) and unframed(p) is None)


def attached(parts: Sequence[Part]) -> list[Part]:
    """The images and text files among the parts of a question."""
    return [part for part in parts if isinstance(part, File) or unframed(part) is not None]


def name_of(part: Part) -> str:
    """The name of an attached file, empty where it has none."""
    if isinstance(part, File):
        return part.name
    found = unframed(part)
    return found[0] if found else ""


def named(name: str) -> str:
    """Write the line that tells a model of a file, and nothing but its name."""
    return f"File: {name}"


def ending(name: str) -> str:
    """Give the letters behind the last dot, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""
