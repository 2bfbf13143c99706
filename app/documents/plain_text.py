"""A long text file as places of some lines."""

from collections.abc import Iterator

from .places import Place

# Well below what is divided (places).
_CHARACTERS = 4_000


def text_places(data: bytes) -> Iterator[Place]:
    """Give the lines of a text in UTF-8; each place is named by the numbers of its lines."""
    taken, length, first = list[str](), 0, 1
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    for line in lines:
        if taken and length + len(line) > _CHARACTERS:
            yield _place(first, taken)
            first, taken, length = first + len(taken), [], 0
        taken.append(line)
        length += len(line) + 1
    yield _place(first, taken)


def _place(first: int, lines: list[str]) -> Place:
    last = first + len(lines) - 1
    return Place(f"lines {first}–{last}" if last > first else f"line {first}", "\n".join(lines))
