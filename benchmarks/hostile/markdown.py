"""Hostile Markdown: what once froze or ended the tab, and what is made by rule."""

from collections.abc import Iterator
from itertools import permutations

from .cases import Case, Make, fixed, nested, repeated
from .pieces import FORMULAS, LANGUAGES, LETTERS, LINES, MARKS


def known() -> Iterator[Case]:
    """Yield texts that froze the page or ended the tab when they were found."""
    for count in (100, 160, 200):
        for name in ("\\sqrt", "\\frac", "\\overbrace", "\\xrightarrow"):
            tail = "}{b}" if name == "\\frac" else "}"
            yield _of(f"{name} x{count}", f"${(name + '{') * count}a{tail * count}$")
        for name in ("matrix", "array"):
            begin = f"\\begin{{{name}}}" + ("{c}" if name == "array" else "")
            end = f"\\end{{{name}}}"
            yield _of(f"{name} x{count}", f"$$\n{begin * count}a{end * count}\n$$")
    for cells in (10_000, 30_000, 50_000):
        yield _of(f"row of {cells} cells", "| a | b |\n|---|---|\n" + "|a" * cells + "|")
    yield _of("header of 20,000 cells", "|a" * 20_000 + "|\n" + "|-" * 20_000 + "|\n|b|\n")
    yield _of("spaces, then a letter", " " * 100_000 + "a")
    yield _of("[a]( in a fence of Markdown", "```markdown\n" + "[a](" * 4990 + "\n```\n")
    yield _of("25,000 uses of a note", "[^1]" * 24_990 + "\n\n[^1]: a\n")
    yield _of("\\[ x50,000", "\\[" * 50_000)
    yield _of(
        "notes that use notes", "".join(f"[^{n}]: [^{n + 1}]\n" for n in range(5500)) + "\n[^0]"
    )
    yield _of(
        "late labels",
        "".join(f"[a{n}]" for n in range(5000))
        + "\n\n"
        + "".join(f"[a{n}]: /b\n\n" for n in range(4500)),
    )
    yield _of("rising backticks", " ".join("`" * n for n in range(1, 440)))
    yield _of("ever deeper items", "".join(" " * (2 * n) + "- a\n" for n in range(310)))
    yield _of(
        "100 rows of 200 cells",
        "|a" * 200 + "|\n" + "|-" * 200 + "|\n" + ("|a" * 200 + "|\n") * 220,
    )
    yield _of("columns without cells", "|a" * 2000 + "|\n" + "|-" * 2000 + "|\n" + "|\n" * 40_000)
    yield _of("one item, many paragraphs", "- a\n\n" + "  b\n\n" * 19_000)
    yield _of("one item, many items", "- a\n" + "  - b\n" * 16_000)
    yield _of("one quote", "> a\n>\n" * 16_000)
    yield _of("one quote of items", "> - a\n" * 16_000)
    yield _of("an open fence", "```\n" + "x = 1  # a line\n" * 6_000)
    yield _of("an open fence of one line", "```\n" + "x" * 99_990)
    yield _of("an open fence of Python", "```python\n" + "x = 1  # a line\n" * 6_000)


def generated() -> Iterator[Case]:
    """Each mark and line again and again, nests of each, letters, formulas, code."""
    for mark in MARKS:
        yield Case(f"marks {mark!r}", repeated(mark))
        yield Case(f"marks and words {mark!r}", repeated(f"{mark}a "))
        yield Case(f"marks in lines {mark!r}", repeated(f"{mark}\n"))
        yield Case(f"marks in paragraphs {mark!r}", repeated(f"{mark}a\n\n"))
        yield Case(f"marks in an item {mark!r}", repeated(mark, "- "))
        yield Case(f"marks in a cell {mark!r}", repeated(mark, "| a |\n|---|\n| "))
    for line in LINES:
        yield Case(f"lines {line!r}", repeated(f"{line}\n"))
        yield Case(f"lines apart {line!r}", repeated(f"{line}\n\n"))
        yield Case(f"lines in an item {line!r}", repeated(f"  {line}\n", "- a\n"))
        yield Case(f"lines in a quote {line!r}", repeated(f"> {line}\n"))
        yield Case(f"lines in a note {line!r}", repeated(f"    {line}\n", "[^1]\n\n[^1]: a\n"))
    for opening, closing in (
        ("*a ", "*"),
        ("**a ", "**"),
        ("_a ", "_"),
        ("~~a ", "~~"),
        ("[", "](b)"),
        ("![", "](b)"),
        ("[", "][]"),
        ("[^", "]"),
        ("(", ")"),
        ("<", ">"),
        ("*a _b ", "_*"),
        ("> ", ""),
        ("- ", ""),
        ("1. ", ""),
        ("> - ", ""),
        ("> 1. ", ""),
        ("$", "$"),
        ("`", "`"),
    ):
        yield Case(f"nest {opening!r}", nested(opening, closing))
        yield Case(f"nest in a quote {opening!r}", nested(opening, closing, "> a"))
    for name, make in LETTERS.items():
        yield Case(f"letters {name}", make)
        yield Case(f"letters in code {name}", _around("```\n", make, "\n```\n"))
        yield Case(f"letters in a cell {name}", _around("| a |\n|---|\n| ", make, " |"))
    for name, make in FORMULAS.items():
        yield Case(f"formula {name}", _around("$", make, "$"))
        yield Case(f"formula apart {name}", _around("$$\n", make, "\n$$\n"))
        yield Case(f"formulas {name}", _many("$", make, "$ ", 300))
        yield Case(f"formulas apart {name}", _many("$$", make, "$$\n\n", 300))
    for language in LANGUAGES:
        for mark in (
            "[a](",
            "(",
            "{",
            "<",
            "'",
            '"',
            "/*",
            "a.",
            "$",
            "\\",
            "`",
            "<a ",
            "0",
            "a b ",
            "=>",
            "#",
        ):
            yield Case(
                f"code {language} {mark!r}",
                _around(f"```{language}\n", _cut(repeated(mark), 19_000), "\n```\n"),
            )
            yield Case(
                f"codes {language} {mark!r}",
                _many(f"```{language}\n", repeated(mark), "\n```\n", 2_000),
            )


def pairs() -> Iterator[Case]:
    """Each mark with each other: some thousands."""
    for one, other in permutations(MARKS, 2):
        yield Case(f"pair {one!r} {other!r}", repeated(one + other))
    for one, other in permutations(LINES, 2):
        yield Case(f"pair of lines {one!r} {other!r}", repeated(f"{one}\n{other}\n"))


def _of(name: str, text: str) -> Case:
    return Case(name, fixed(text))


def _around(before: str, make: Make, after: str) -> Make:
    return lambda characters: before + make(characters - len(before) - len(after)) + after


def _cut(make: Make, characters: int) -> Make:
    return lambda wanted: make(min(wanted, characters))


def _many(before: str, make: Make, after: str, size: int) -> Make:
    """Many small ones, each of this size."""
    return repeated(before + make(size) + after)
