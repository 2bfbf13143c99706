"""Hostile texts in what Tokenfall draws beside CommonMark and GFM: callouts, diagrams, chemistry,
fences of formulas, notes, tags in pairs; and in what cells display.
"""

from collections.abc import Iterator

from .cases import Case, Make, nested, repeated
from .pieces import LANGUAGES

# Of what a cell displays, in characters.
_DISPLAYED = 5_000_000

_MARKDOWN: dict[str, Make] = {
    "callouts": repeated("> [!NOTE]\n> a\n\n"),
    "callouts of one letter": repeated("> [!TIP]\n\n"),
    "a callout of callouts": repeated("> > [!NOTE]\n> > a\n>\n", "> [!WARNING]\n"),
    "a callout of items": repeated("> - a\n", "> [!IMPORTANT]\n"),
    "callouts in callouts": lambda characters: "> " * (characters // 2 - 8) + "[!NOTE]\n",
    "callouts that are none": repeated("> [!NOPE]\n> [!\n"),
    "diagrams": repeated("```mermaid\nflowchart LR\na-->b\n```\n\n"),
    "a diagram": repeated("a-->b\n", "```mermaid\nflowchart LR\n", "```\n"),
    "a diagram of one line": repeated("a-->", "```mermaid\n", "a\n```\n"),
    "an open diagram": repeated("a-->b\n", "```mermaid\n"),
    "pictures": repeated("```svg\n<svg></svg>\n```\n\n"),
    "a picture that is none": repeated("<!--", "```xml\n", "\n```\n"),
    "pages": repeated("```html\n<p>\n```\n\n"),
    "chemistry": repeated("\\ce{H2O} ", "$", "$"),
    "formulas of chemistry": repeated("$\\ce{H2O}$ "),
    "reactions": repeated("A + B ->[a][b] C <=> D v ^ ", "$\\ce{", "}$"),
    "ions": repeated("SO4^2-", "$\\ce{", "}$"),
    "chemistry in chemistry": nested("$\\ce{", "}$"),
    "chemistry, open": nested("\\ce{", "", "$"),
    "units": repeated("1e3 m s-1 ", "$\\pu{", "}$"),
    "a fence of formulas": repeated(
        "a &= b \\\\\n", "```math\n\\begin{align}\n", "\\end{align}\n```\n"
    ),
    "a fence of many formulas": repeated("\\[a\\]\n\n", "```latex\n", "```\n"),
    "fences of formulas": repeated("```math\na\n```\n\n"),
    "a fence of dollars": repeated("$a$ ", "```tex\n", "\n```\n"),
    "a fence of environments": repeated("\\begin{align}a\\end{align}\n", "```tex\n", "```\n"),
    "formulas behind a mark of none": repeated("\\begin{align}a\\end{align}", "\\["),
    "formulas behind marks of none": repeated("\\[\\begin{align}a\\end{align}"),
    "formulas in items": repeated("- $a$\n"),
    "environments in items": repeated("- \\begin{align}a\\end{align}\n"),
    "notes": lambda characters: "".join(
        f"[^{number}]\n\n[^{number}]: a\n\n" for number in range(characters // 26)
    ),
    "notes of paragraphs": repeated("    b\n\n", "[^1]\n\n[^1]: a\n\n"),
    "notes within lines": repeated("^[a] "),
    "details": repeated("<details>\n<summary>a</summary>\n\nb\n\n</details>\n\n"),
    "details in details": nested("<details>\n<summary>a</summary>\n\n", "\n</details>\n"),
    "details in a line": repeated("<details><summary>a</summary>b</details>"),
    "details without an end": repeated("<details>\n"),
    "ends of details": repeated("</details>\n"),
    "summaries": repeated("<summary>a</summary>\n", "<details>\n"),
    "tags in pairs": repeated("<kbd>a</kbd><sub>b</sub><mark>c</mark>"),
    "tags in tags": nested("<sub>", "</sub>"),
    "tags that cross": repeated("<sub><sup></sub></sup>"),
    "tags without an end": repeated("<kbd>"),
    "fences in fences": lambda characters: "".join(
        "`" * (3 + number) + "\n" for number in range(int((2 * characters) ** 0.5) - 4)
    ),
    "headings for the outline": repeated("# a\n"),
    "headings of formulas": repeated("## $a$ <sub>b</sub>\n\n"),
    "places of documents": repeated("[a](#document-1-1-1) "),
    "nothing": repeated("\0a "),
    "tabs in items": repeated("-\ta\t\tb\n"),
    "letters that turn, in items": repeated("- \u202e\u2067a\n"),
    "marks in headings": repeated("# a" + "\u0301" * 20 + "\n\n"),
    "joined emoji in cells": repeated("| 👩\u200d👧 | 🇩🇪 |\n", "| a | b |\n|---|---|\n"),
    "long words in items": repeated("- " + "a" * 500 + "\n"),
    "entities": repeated("&CounterClockwiseContourIntegral; "),
    "entities by number": repeated("&#x1F600;&#0;&#xD800;"),
    "an entity": repeated("a", "&", ";"),
    "pictures in the text": repeated("![a](data:image/png;base64,iVBORw0KGgo=) "),
    "a picture in the text": repeated("A", "![a](data:image/png;base64,", ")"),
    "pictures of elsewhere": repeated("![a](https://a.example/b) "),
    "links of data": repeated("[a](data:text/html,a) "),
    "links in lists": repeated("- [a](https://a.example 'b')\n"),
    "a link": repeated("a", "https://a.example/"),
    "uses of a label": repeated("[a] ", "[a]: https://a.example\n\n"),
    "labels and uses": lambda characters: "".join(
        f"[a{number}]\n\n[a{number}]: /b\n\n" for number in range(characters // 28)
    ),
    "long labels": repeated("[" + "a" * 998 + "]: /b\n"),
    "columns": lambda characters: (
        ("|a" * (characters // 8) + "|\n" + "|-" * (characters // 8) + "|\n") * 2
    ),
    "tables": repeated("| a |\n|---|\n| b |\n\n"),
    "tables in items": repeated("- | a |\n  |---|\n  | b |\n"),
    "formulas in cells": repeated("| $a$ | $b$ |\n", "| a | b |\n|---|---|\n"),
    "code in items": repeated("- ```py\n  a = 1\n  ```\n"),
    "a difference": repeated("+a\n-b\n@@ -1 +1 @@\n", "```diff\n", "```\n"),
    "differences": repeated("```diff\n+a\n-b\n```\n\n"),
    "data": repeated('{"a":[1,"b",null]},\n', "```json\n", "```\n"),
    "data in a line": repeated('{"a":[1,"b",null]},', "```json\n", "\n```\n"),
    "code of each language": lambda characters: "".join(
        f"```{LANGUAGES[number % len(LANGUAGES)]}\na(b, 'c') {{ 1 }}\n```\n\n"
        for number in range(characters // 44)
    ),
    "breaks": repeated("a  \n"),
    "breaks by a slash": repeated("a\\\n"),
    "a callout of tables": repeated("> | a |\n> |---|\n> | b |\n>\n", "> [!TIP]\n"),
    "details of tables": repeated("<details>\n\n| a |\n|---|\n| b |\n\n</details>\n\n"),
    "reactions in items": repeated("- \\ce{2H2 + O2 -> 2H2O}\n"),
    "one reaction": repeated("H2O ", "$\\ce{", "}$"),
    "long reactions": lambda characters: ("$\\ce{" + "H2O " * 200 + "}$\n\n") * (characters // 810),
}
# What a cell displays, by the surface that shows it: pieces that are repeated.
_DISPLAYS = {
    "value": ("x", "ab\n", "\x1b[31m", "\r", "\u0301", "\u202e"),
    "cell markdown": ("$a$ ", "| a ", "> [!NOTE]\n> a\n\n", "**a** ", "$\\ce{A}$ "),
    "cell picture": ("<g>", "<path d=''/>", "<use href='#a'/>", "<!--", "<!ENTITY a ''>", "a"),
    "cell page": ("<p>", "<script>", "<iframe>", "a"),
    "cell json": ("a,", "1,", "\u0301,", "\n"),
    "cell table": ("a,", "\u0301", "ab\n", "1,", "\u05d0a,"),
    "cell chart": ("a,", "1,", "</script>"),
    "printed": ("|\r", "a\r\n", "\r", "ab\r"),
}


def extended() -> Iterator[Case]:
    """Yield a text of each kind, in an answer and, of the displays, in a cell."""
    for name, make in _MARKDOWN.items():
        yield Case(f"extended: {name}", make)
    for surface, pieces in _DISPLAYS.items():
        for piece in pieces:
            yield Case(f"extended: {surface} {piece!r}", repeated(piece), surface, _DISPLAYED)
