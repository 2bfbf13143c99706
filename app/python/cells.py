"""The source of a cell made into code."""

import ast
import linecache
import re
from collections import deque
from dataclasses import dataclass
from types import CodeType

# Cells whose lines tracebacks can still show: a function of an old one may be called.
_MOST_KEPT = 200
_kept: deque[str] = deque()

# Lines that notebooks take and Python does not.
_MAGIC = re.compile(r"^[ \t]*[%!]", re.MULTILINE)
_FIGURES_INLINE = re.compile(r"^([ \t]*)%matplotlib\b.*$", re.MULTILINE)
_NO_NOTEBOOK = (
    "lines that begin with % or ! are commands of a notebook, which this is not: write Python"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """`body` runs first; `last` is the expression whose value the cell has, None where it ends with
    another statement or with a semicolon.
    """

    number: int
    source: str
    body: CodeType
    last: CodeType | None

    @property
    def is_async(self) -> bool:
        """Tell whether it awaits something outside of its functions."""
        return any(is_awaited(code) for code in (self.body, self.last) if code)


def file_name(number: int) -> str:
    """Give Python's name for the cell in its tracebacks."""
    return f"<cell {number}>"


def is_cell(name: str) -> bool:
    """Tell whether a file's name is the name of a cell."""
    return name.startswith("<cell ")


def is_awaited(code: CodeType) -> bool:
    """Tell whether running this code gives a coroutine."""
    return bool(code.co_flags & 0x80)  # inspect.CO_COROUTINE; inspect takes 0.1 s to import


def compiled(source: str, number: int) -> Cell:
    """Compile a cell.

    Raises:
        SyntaxError, ValueError: It is no Python.
    """
    name = file_name(number)
    _keep_lines(name, source)
    tree = _parsed(source, name)
    last: CodeType | None = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not _ends_quietly(source):
        expression = tree.body.pop()
        assert isinstance(expression, ast.Expr)
        last = _compiled(ast.Expression(expression.value), name, "eval")
    return Cell(number, source, _compiled(tree, name, "exec"), last)


def _parsed(source: str, name: str) -> ast.Module:
    try:
        return ast.parse(source, name)
    except SyntaxError as error:
        if not _MAGIC.search(source):
            raise
        at = error.lineno, 1, error.text
    try:
        # Figures come by themselves here, so the one that is written most often can go.
        return ast.parse(_FIGURES_INLINE.sub(r"\1pass", source), name)
    except SyntaxError:
        raise SyntaxError(_NO_NOTEBOOK, (name, *at)) from None


def _compiled(tree: ast.Module | ast.Expression, name: str, mode: str) -> CodeType:
    code: CodeType = compile(
        tree, name, mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
    )
    return code


def _ends_quietly(source: str) -> bool:
    """Tell whether the last expression ends with a semicolon, as notebooks have it for «show
    nothing».

    A semicolon within a comment or string at the end is none.
    """
    stripped = source.rstrip()
    if not stripped.endswith(";"):
        return False
    try:
        return len(ast.parse(f"{stripped} 0").body) > len(ast.parse(stripped).body)
    except (SyntaxError, ValueError):
        return False


def _keep_lines(name: str, source: str) -> None:
    lines = [f"{line}\n" for line in source.split("\n")]
    # None in place of a time keeps linecache from looking for a file.
    linecache.cache[name] = (len(source), None, lines, name)
    _kept.append(name)
    if len(_kept) > _MOST_KEPT:
        linecache.cache.pop(_kept.popleft(), None)
