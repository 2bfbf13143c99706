"""A long answer in Markdown, of the mixture that models write."""

from collections.abc import Iterator
from itertools import count


def text(characters: int) -> str:
    """An answer of about so many characters, whose parts are alike all along."""
    written, length = [], 0
    for number in count(1):
        for block in _section(number):
            written.append(block)
            length += len(block) + 2
            if length >= characters:
                return "\n\n".join(written)
    raise AssertionError


def tokens(answer: str) -> list[str]:
    """The answer in pieces of about four characters, as tokens are."""
    lengths = (4, 5, 3, 6, 2, 4, 5, 3)
    pieces: list[str] = []
    at = 0
    for number in count():
        if at >= len(answer):
            return pieces
        piece = answer[at : at + lengths[number % len(lengths)]]
        pieces.append(piece)
        at += len(piece)
    raise AssertionError


def plain(characters: int) -> str:
    """An answer of about so many characters without any markup."""
    line = "The lamp turned, the tide came in and a ship went by, and nobody wrote it down. "
    return line * (characters // len(line))


def marked(pieces: list[str]) -> list[str]:
    """The same tokens; those of prose with words to look for, a number between two q."""
    pieces = list(pieces)
    line, numbers = "", count()
    for at, piece in enumerate(pieces):
        line = (line + piece).rpartition("\n")[2]
        if line[:1].isalpha() and piece.endswith(" ") and not _is_open(line):
            pieces[at] += f"q{next(numbers)}q "
    return pieces


def _is_open(line: str) -> bool:
    """Tell whether a word at the end of this line would stand in an emphasis, code or a link."""
    odd = any(line.count(mark) % 2 for mark in "*`")
    return odd or "|" in line or line.count("[") != line.count(")")


def _section(number: int) -> Iterator[str]:
    yield f"## {number}. What the tide brings in"
    yield (
        f"The *{number}th* evening was **calm**, and the lamp needed nobody. Still somebody went "
        "up, wiped the `lens`, and wrote [a line](https://example.org/log) in the book: the wind, "
        "the sea, the ships, and what they carried when they came past the point."
    )
    yield "\n".join(
        f"{item}. A crate of {item * number} oranges, of which **{item}** were good\n"
        f"   - found at `{item}:30`, brought in by boat\n"
        f"   - shared out the next day"
        for item in range(1, 7)
    )
    yield "\n".join(
        [
            "```python",
            f"def watch_{number}(ships):",
            '    """Note every ship that passes."""',
            *(f"    ships.append(Ship({number}, {line}))  # one more" for line in range(12)),
            "    return ships",
            "```",
        ]
    )
    yield "\n".join(
        [
            "| Ship | Cargo | Tons |",
            "|:-----|:-----:|-----:|",
            *(f"| *Alder {row}* | timber | {row * number} |" for row in range(8)),
        ]
    )
    yield "> Nobody read the book, and it was kept all the same.\n> That was the point of it."
    yield (
        "Far out, low and uncertain, a horn asked a question. Between two flashes the bell "
        "answered, closer each time, until the ship was past and the fog had it again. "
        "In the morning there was paint on the rocks, and nothing else to be seen."
    )
