"""A chat as a Python file that runs its cells, one after the other, as its session did. Pure."""

import ast
import re
import warnings

from ...core.tools.tool_outline import is_too_deep
from ...history.tree import Tree
from . import words
from .told_cells import Attached, RunCell, Said, ToldOf, cells_of

# What is longer is not looked into: it is run as it is.
_MOST_CHARACTERS = 50_000
_LINE = 96
_MAGIC = re.compile(r"^[ \t]*[%!]", re.MULTILINE)
# Which the session passes over too.
_FIGURES_INLINE = re.compile(r"^([ \t]*)%matplotlib\b.*$", re.MULTILINE)

_HEAD = '''"""{title}

The Python of a chat, as it ran cell by cell. Files that it reads are looked for in the folder in
which it is started.
"""
'''

_SHOW = '''
try:
    from IPython.display import display
except ImportError:

    def display(*values):
        """Print what the session showed."""
        for value in values:
            print(value)


def _value(value):
    """Show the value of a cell's last line."""
    if value is not None:
        display(value)
'''

# As much of notebooks as cells of the session could use.
_NOTEBOOK = '''
try:
    import IPython.display
except ImportError:
    import sys as _sys
    from types import ModuleType as _ModuleType

    class _Shown:
        """What a notebook would show: texts as they are, of pictures and HTML the kind."""

        def __init__(self, data=None, filename=None, **_):
            self.data = filename if data is None else data

        def __repr__(self):
            name = type(self).__name__
            return f"<{name}>" if name in ("HTML", "SVG", "Image") else str(self.data)

    IPython = _sys.modules["IPython"] = _ModuleType("IPython")
    IPython.display = _sys.modules["IPython.display"] = _ModuleType("IPython.display")
    IPython.get_ipython = lambda: None
    for _name in ("HTML", "Markdown", "SVG", "Latex", "Math", "JSON", "Image"):
        setattr(IPython.display, _name, type(_name, (_Shown,), {}))
    IPython.display.display = lambda *values, **_: print(*values, sep="\\n")
    IPython.display.clear_output = lambda *_, **__: None
'''

_RUN = '''
import ast as _ast
import asyncio as _asyncio
import traceback as _traceback

_loop = _asyncio.new_event_loop()


def _run(source):
    """Run a cell that awaits at its top level, or that failed in the session; go on after it."""
    try:
        code = compile(source, "<cell>", "exec", _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        running = eval(code, globals())
        if running is not None:
            _loop.run_until_complete(running)
    except Exception:
        _traceback.print_exc()
'''


def to_script(tree: Tree, told_of: ToldOf) -> str:
    """Write what is shown of a chat: texts as comments, in the percent form that editors know."""
    pieces: list[str] = []
    cells = cells_of(tree, told_of)
    for one in cells:
        if isinstance(one, RunCell):
            pieces.append(f"# %%\n{_cell(one)}")
        elif isinstance(one, Attached) and not one.is_answered:
            where = words.LOST if one.is_lost else one.address
            file = f"{words.ATTACHED}: {one.name} {where}".rstrip()
            pieces.append(f"# %% [markdown]\n{_comment(file)}")
        elif isinstance(one, Said):
            text = one.text if one.speaker else f"You: {one.text}"
            pieces.append(f"# %% [markdown]\n{_comment(text)}")
    body = "\n\n".join(pieces)
    title = re.sub(r'["\\]', "'", " ".join(tree.chat.title.split())) or "Chat"
    head = _HEAD.format(title=title)
    helpers = "".join(
        written
        for written, used in ((_NOTEBOOK, "IPython"), (_SHOW, "_value("), (_RUN, "_run("))
        if used in body
    )
    return f"{head}{helpers}\n{body}\n".replace("\0", "\ufffd")  # no source may hold one


def _comment(text: str) -> str:
    # A form feed or an odd line end would end the comment, and what follows would run.
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def _cell(cell: RunCell) -> str:
    code = cell.code.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    code = _FIGURES_INLINE.sub(r"\1pass", code)
    if cell.has_failed or _MAGIC.search(code) or len(code) > _MOST_CHARACTERS or is_too_deep(code):
        return _as_text(code)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
            compile(code, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _as_text(code)
    if _awaits(tree) or _is_of_the_future(tree):
        return _as_text(code)
    return _with_value(code, tree)


def _as_text(code: str) -> str:
    escaped = code.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    escaped = escaped.replace("\0", "\\x00")
    if escaped.endswith('"'):
        escaped = f'{escaped[:-1]}\\"'
    return f'_run("""\\\n{escaped}\n""")'


def _awaits(tree: ast.Module) -> bool:
    """Tell whether anything is awaited outside of functions."""
    waiting: list[ast.AST] = [*tree.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if isinstance(node, ast.comprehension) and node.is_async:
            return True
        waiting += ast.iter_child_nodes(node)
    return False


def _is_of_the_future(tree: ast.Module) -> bool:
    return any(isinstance(one, ast.ImportFrom) and one.module == "__future__" for one in tree.body)


def _with_value(code: str, tree: ast.Module) -> str:
    """The cell with its last expression shown, where the session showed it."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or last.end_lineno is None or last.end_col_offset is None:
        return code
    lines = [line.encode() for line in code.split("\n")]
    end = lines[last.end_lineno - 1]
    if end[last.end_col_offset :].lstrip().startswith(b";"):
        return code
    # A tuple without parentheses would be as many arguments.
    opener, closer = (
        (b"_value((", b"))") if isinstance(last.value, ast.Tuple) else (b"_value(", b")")
    )
    lines[last.end_lineno - 1] = end[: last.end_col_offset] + closer + end[last.end_col_offset :]
    begin = lines[last.lineno - 1]
    lines[last.lineno - 1] = begin[: last.col_offset] + opener + begin[last.col_offset :]
    return b"\n".join(lines).decode()
