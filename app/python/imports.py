"""Needs of a cell that are not met here: its imports, requirements in a block of PEP 723 or by
`micropip.install`, and addresses that it names. Read from the syntax tree; nothing of the cell runs
for it.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec

from .addresses import hosts_in
from .messages import Needs, asked_for, name_of

# As https://peps.python.org/pep-0723/ has it.
_BLOCK = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
# fastparquet, the other one that reads Parquet, is nowhere to be had for the tab.
_IMPLIED = {
    **dict.fromkeys(("read_parquet", "to_parquet", "read_feather", "to_feather"), "pyarrow"),
    **dict.fromkeys(("read_excel", "to_excel"), "openpyxl"),
    **dict.fromkeys(("read_html", "read_xml", "to_xml"), "lxml"),
    "to_markdown": "tabulate",
}
_ABSENT = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")


def needs(source: str) -> Needs:
    """Name what is missing: modules that are imported, requirements as they are written, and
    hosts of addresses. None where the source is no Python: running it tells why.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Needs([], [])
    imported = [*_imported(tree)]
    imported += _implied(tree) if "pandas" in imported or "pandas" in sys.modules else ()
    modules = dict.fromkeys(name for name in imported if not _is_here(name))
    asked = dict.fromkeys([*_block(source), *_installed_by(tree)])
    requirements = [one for one in asked if not is_installed(one)]
    return Needs(asked_for(modules), asked_for(requirements), asked_for(hosts_in(tree)))


def _imported(node: ast.AST) -> Iterator[str]:
    """The top modules that are imported anywhere, but for where their absence is expected."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name.partition(".")[0] for alias in names)
        case ast.ImportFrom(module=str(name), level=0):
            yield name.partition(".")[0]
        case ast.Try(handlers=handlers) if any(_takes_absence(one) for one in handlers):
            parts: list[ast.AST] = [*handlers, *node.orelse, *node.finalbody]
            for part in parts:
                yield from _imported(part)
            return
    for child in ast.iter_child_nodes(node):
        yield from _imported(child)


def _implied(tree: ast.AST) -> Iterator[str]:
    """List what methods of pandas import only when they are called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _IMPLIED:
            yield _IMPLIED[node.attr]


def _takes_absence(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(one is None or (isinstance(one, ast.Name) and one.id in _ABSENT) for one in kinds)


def _is_here(name: str) -> bool:
    if name in sys.modules or name in sys.stdlib_module_names or name in ("IPython", "micropip"):
        return True
    with suppress(ImportError, ValueError, AttributeError):
        return find_spec(name) is not None
    return True  # what is there in part is not loaded over


def _block(source: str) -> list[str]:
    found = [match["content"] for match in _BLOCK.finditer(f"{source}\n")]
    if len(found) != 1:
        return []
    text = "".join(
        line[2:] if line.startswith("# ") else line[1:]
        for line in found[0].splitlines(keepends=True)
    )
    with suppress(tomllib.TOMLDecodeError):
        listed = tomllib.loads(text).get("dependencies")
        return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    return []


def _installed_by(tree: ast.AST) -> Iterator[str]:
    """Read the arguments of `micropip.install`, where they are written out."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="micropip"), attr="install"), args=[asked, *_]
            ):
                values = asked.elts if isinstance(asked, ast.List | ast.Tuple) else [asked]
                for one in values:
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        yield one.value


def is_installed(requirement: str) -> bool:
    """Tell whether a package of this name is here, in whatever version."""
    name = name_of(requirement)
    if not name:
        return True  # nothing that could be loaded
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
