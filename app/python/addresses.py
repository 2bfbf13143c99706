"""Addresses that a cell names where it also names what asks one: the person is asked before it
runs. An address that only running it makes is asked for then.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

# What asks addresses, as functions and modules are called.
_ASKS = {
    *("aiohttp", "fetch", "httpx", "open_url", "pyfetch", "requests"),
    *("urllib", "urllib3", "urlopen", "urlretrieve"),
    *("read_csv", "read_excel", "read_feather", "read_fwf", "read_html", "read_json"),
    *("read_parquet", "read_table", "read_xml", "scan_csv", "scan_parquet"),
}
_ADDRESS = re.compile(r"https://[^\s/?#\\]+([/?#]\S*)?")


def hosts_in(tree: ast.AST) -> list[str]:
    """List hosts, each with its port where that is another one than 443."""
    if _ASKS.isdisjoint(_names(tree)):
        return []
    found = (_host(text) for text in _texts([tree]))
    return list(dict.fromkeys(host for host in found if host))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.alias(name=name) | ast.ImportFrom(module=str(name)):
                yield from name.split(".")


def _texts(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The texts that are written out, of an f-string how it begins."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), *rest]):
                # Before its host has ended, what follows may be more of it.
                if re.search(r"//[^/?#]+[/?#]", text):
                    yield text
                waiting += [one for one in rest if not isinstance(one, ast.Constant)]
            case _:
                waiting += reversed(list(ast.iter_child_nodes(node)))


def _host(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        return ""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return ""
    name = parts.hostname or ""
    name = f"[{name}]" if ":" in name else name
    return name if port in (None, 443) else f"{name}:{port}"
