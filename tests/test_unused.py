"""Nothing is kept that nobody uses: names in Python and JavaScript, classes, ids, CSS variables."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Who imports these is in this repository; what the other packages offer may be for the library.
INSIDE = ("browser", "server", "setup")
# Used by the commands of tests and docs, by uvicorn, and by the test of the tab's storage.
USED_OUTSIDE = {
    *("for_tests", "for_libraries", "for_measuring", "for_painting", "for_peers"),
    *("for_reference", "for_startup", "for_wheel"),
    "send_400_response",
}
# Classes that libraries write, and our own that are made with a number or a kind.
MADE = re.compile(r"(hljs|katex|callout|digits|level)-.+|class_|py-error")

_COMMENT = re.compile(r"/\*.*?\*/|<!--.*?-->", re.DOTALL)


@cache
def sources(*endings: str) -> dict[Path, str]:
    """Read the app's sources with these endings, without comments that stand in marks."""
    paths = [*(ROOT / "app").rglob("*"), ROOT / "index.html"]
    read = (path for path in paths if path.suffix in endings)
    return {path: _COMMENT.sub("", path.read_text("utf-8")) for path in read}


@cache
def counts(*endings: str, word: str = r"[A-Za-z_]\w*") -> Counter[str]:
    """Count the words of these sources."""
    return Counter(re.findall(word, "\n".join(sources(*endings).values())))


def defined() -> Iterator[str]:
    """Name what Python defines in the inner packages: functions, methods, classes, constants."""
    for path, source in sources(".py").items():
        if path.relative_to(ROOT).parts[1] not in INSIDE:
            continue
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield node.name
        for statement in tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                yield from re.findall(r"^\w+", ast.unparse(statement))


def test_what_python_defines_is_used() -> None:
    used = counts(".py", ".js", ".mjs", ".html")
    unused = {name for name in defined() if used[name] < 2 and not name.startswith("__")}
    assert unused == USED_OUTSIDE


def test_what_a_module_of_javascript_exports_is_used() -> None:
    used = counts(".py", ".js", ".mjs")
    exported = re.findall(
        r"^export (?:async )?(?:function|const|class) (\w+)",
        "\n".join(sources(".mjs").values()),
        re.MULTILINE,
    )
    assert [name for name in exported if used[name] < 2] == []


def test_what_the_styles_speak_of_is_somewhere() -> None:
    styles = "\n".join(sources(".css").values())
    written = counts(".py", ".js", ".mjs", ".html", word=r"[A-Za-z][\w-]*")
    selectors = "\n".join(re.findall(r"([^{}]+)\{", styles))
    spoken_of = set(re.findall(r"[.#]([A-Za-z][\w-]*)", selectors))
    assert {name for name in spoken_of if not written[name] and not MADE.fullmatch(name)} == set()
    variables = set(re.findall(r"(--[\w-]+)\s*:", styles))
    assert {name for name in variables if f"var({name}" not in styles} == set()


def test_what_html_names_is_looked_up_by_somebody() -> None:
    html = "\n".join(sources(".html").values())
    # An id that labels something stands twice in the HTML, any other in code or styles besides.
    ids = re.findall(r'\bid="([^"]+)"', html)
    used = counts(".py", ".js", ".mjs", ".html", ".css", word=r"[A-Za-z][\w-]*")
    assert [name for name in ids if used[name] < 2] == []
    classes = {name for found in re.findall(r'\bclass="([^"]+)"', html) for name in found.split()}
    used = counts(".py", ".js", ".mjs", ".css", word=r"[A-Za-z][\w-]*")
    assert {name for name in classes if not used[name]} == set()
