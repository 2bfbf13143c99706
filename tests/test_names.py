"""Documents, docstrings and comments name only what exists, and docstrings begin with a verb or a
noun; the map leaves no module out.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.rooms import parsed

ROOT = Path(__file__).parent.parent
FOLDERS = ("app", "benchmarks", "docs", "examples", "tests")
ENDINGS = {".py", ".js", ".mjs", ".css", ".html"}
MAP = (ROOT / "docs/architecture.md").read_text("utf-8")

# Names from elsewhere: no source, the library that measures branches, a page that pdoc writes, an
# example of the Demo's, a kind of store.
ELSEWHERE = {"requirements/compile", "coverage.py", "app.html", "lighthouse.py", "redis"}

_COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*|<!--.*?-->", re.DOTALL)
_PYTHON_COMMENT = re.compile(r"^ *#[^\n]*|  #[^\n]*", re.MULTILINE)
_FILE = re.compile(r"(?<![\w./*…-])(?:[\w-]+/)*[\w-]+\.(?:py|mjs|css|html)\b")
_PATH = re.compile(r"\w+(?:/\w+)+(?:\.\w+)?")
_HEAD = re.compile(r"[\w./]+(?:, [\w./]+)*(?=  |/?$)")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*(?:\(\))?")

# What would fetch Tokenfall by its name, which at the registry of Python packages is nobody's.
_BY_NAME = re.compile(r"(?:install|uvx|pipx run) ['\"]?tokenfall\b(?!-)")


@cache
def files() -> list[Path]:
    """List our own sources and the whole tree's documents."""
    found = [path for name in FOLDERS for path in (ROOT / name).rglob("*")]
    found += [ROOT / "index.html", *ROOT.glob("*.py"), *ROOT.glob("*.md")]
    return [path for path in found if path.suffix in ENDINGS | {".md", ".json"} and path.is_file()]


@cache
def paths() -> set[str]:
    """Give each file and folder by all the paths that may name it, with its ending and without."""
    named = set(ELSEWHERE)
    for path in files():
        parts = path.relative_to(ROOT).parts
        for start in range(len(parts)):
            named |= {"/".join(parts[start:end]) for end in range(start + 1, len(parts) + 1)}
            named.add("/".join(parts[start:]).removesuffix(path.suffix))
    return named


def apart(path: Path) -> tuple[str, str]:
    """Part a file into what is said in it, docstrings and comments, and its code."""
    source = path.read_text("utf-8")
    if path.suffix in (".md", ".json"):
        return source, ""
    if path.suffix != ".py":
        return "\n".join(_COMMENT.findall(source)), _COMMENT.sub("", source)
    said = [*_docstrings(parsed(path)), *_PYTHON_COMMENT.findall(source)]
    code = _PYTHON_COMMENT.sub("", source)
    for docstring in said:
        code = code.replace(docstring, "", 1)
    return "\n".join(said), code


def _docstrings(tree: ast.Module) -> Iterator[str]:
    """Give the docstrings as they stand in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node, clean=False) or ""


@cache
def parted() -> dict[Path, tuple[str, str]]:
    return {path: apart(path) for path in files()}


@cache
def words_of_code() -> set[str]:
    code = " ".join(
        code for path, (_, code) in parted().items() if path.name != Path(__file__).name
    )
    return set(re.findall(r"\w+(?:/\w+)*", code)) | set(re.findall(r"\w+", code))


def lacking(said: str) -> list[str]:
    """List the files and names that a text speaks of and that are nowhere."""
    wrong = [name for name in _FILE.findall(said) if name not in paths()]
    for quoted in re.findall(r"`([^`\n]+)`", said):
        if _PATH.fullmatch(quoted):
            is_there = quoted in paths() or quoted in words_of_code()
        else:
            parts = set(re.findall(r"\w+", quoted)) if _NAME.fullmatch(quoted) else set[str]()
            is_there = parts - words_of_code() <= paths()
        wrong += [] if is_there else [quoted]
    return wrong


def test_comments_and_docstrings_name_only_what_exists() -> None:
    documents = {ROOT / "docs/architecture.md", ROOT / "CONTRIBUTING.md"}  # others tell of more
    wrong = {
        str(path.relative_to(ROOT)): found
        for path, (said, _) in parted().items()
        if (path.suffix in ENDINGS or path in documents) and (found := lacking(said))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Opened by layout.mjs, see `settings/api_keys` and `ModelOptions.fetch`.", []),
        ("Opened by frame.mjs.", ["frame.mjs"]),
        ("Kept by `provider_keys` in `settings/provider_keys`.", ["provider_keys"] * 2),
        ("Reads `ModelSettings.port`.", ["ModelSettings.port"]),
    ],
)
def test_a_name_that_is_gone_is_found(said: str, wrong: list[str]) -> None:
    assert [name.rpartition("/")[2] for name in lacking(said)] == wrong


# A docstring begins with a verb or with a noun of the field, not with a clause that stands for one.
CLAUSES = {"What", "Whether", "Who", "How", "Where", "When", "So", "It", "All", "Those"}


def test_docstrings_begin_with_a_verb_or_a_noun() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {docstring.splitlines()[0]}"
        for path in files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "app")
        for docstring in _docstrings(parsed(path))
        if CLAUSES.intersection(re.findall(r"\w+", docstring)[:1])
    ]
    assert wrong == []


def told() -> Iterator[tuple[Path, list[str], str]]:
    """Read the map by lines: the folder, the names at the head (before two spaces), the text."""
    folders: list[tuple[int, Path]] = [(-1, ROOT)]
    for line in MAP.partition("```\n")[2].partition("```")[0].splitlines():
        depth = len(line) - len(line.lstrip())
        if depth < 18:  # else the text of the line above goes on
            while folders[-1][0] >= depth:
                folders.pop()
        heads = [_HEAD.match(part) for part in line.strip().split(";  ")]
        names = [name for head in heads if head for name in head[0].split(", ")]
        yield folders[-1][1], names, line
        if depth < 18 and names and names[0].endswith("/"):
            folders.append((depth, folders[-1][1] / names[0]))


def test_what_the_map_names_is_there() -> None:
    found = [(folder, name) for folder, names, _ in told() for name in names]
    wrong = [
        f"{folder.relative_to(ROOT)}: {name}"
        for folder, name in found
        if not (folder / name).exists() and not list(folder.glob(f"{name}.*"))
    ]
    assert wrong == []
    assert len(found) > 100


# What the map tells of as a whole.
PACKAGES = [path.parent.name for path in (ROOT / "app/protocols").glob("*/__init__.py")]
AS_A_WHOLE = (
    "browser/",
    "native/terminal/",
    "history/foreign/",
    *(f"protocols/{name}/" for name in PACKAGES),
)


def test_the_map_leaves_no_module_out() -> None:
    words: dict[Path, set[str]] = {}
    for folder, names, line in told():
        for place in (folder, *(folder / name for name in names if name.endswith("/"))):
            words.setdefault(place, set()).update(re.findall(r"\w+", line))
    left_out = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if not path.stem.startswith("_")
        and not path.relative_to(ROOT / "app").as_posix().startswith(AS_A_WHOLE)
        and path.stem not in words.get(path.parent, ())
    ]
    assert left_out == []


def test_nobody_is_told_to_install_a_name_that_is_not_ours() -> None:
    told = [path for path in files() if not path.is_relative_to(ROOT / "tests")]
    assert [path for path in told if _BY_NAME.search(path.read_text("utf-8"))] == []
