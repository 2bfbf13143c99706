"""The rooms of the page and who may import whom. `python3 -m tests.rooms` lists what is there."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

APP = Path(__file__).parent.parent / "app"

# A room of `app/browser` may import those named here, beside itself; `main` and what else lies
# beside it, the page as a whole, may import all. Lower rooms come last.
ROOMS = {
    "chats": {"conversation", "consent", "storage", "settings", "web"},
    "preferences": {"tools", "models", "settings", "web"},
    "conversation": {"consent", "models", "net", "markdown", "storage", "settings", "web"},
    "displays": {"markdown", "web"},
    "tools": {"models", "markdown", "settings", "web"},
    "models": {"net", "settings", "web"},
    "settings": {"consent", "web"},
    "consent": {"web"},
    "markdown": {"web"},
    "net": {"web"},
    "storage": {"web"},
    "web": set[str](),
}


def sources() -> list[Path]:
    """List the modules of all packages of the app."""
    return sorted(path for path in APP.rglob("*.py") if path.parent != APP)


def name_of(path: Path) -> str:
    """Name a module: `app.core.events`."""
    parts = ("app", *path.relative_to(APP).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parsed(path: Path) -> ast.Module:
    """Parse a source, once for all that look at it."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> list[str]:
    """Name all that a module imports; relative names are resolved to `app.…`."""
    package = ["app", *path.relative_to(APP).parts[:-1]]
    names = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            parent = ".".join([*base, *([node.module] if node.module else [])])
            # `from .. import core` names the package in its list.
            names += [f"{parent}.{alias.name}" if node.level else parent for alias in node.names]
    return names


def arrows() -> dict[str, set[str]]:
    """Tell which modules of ours each module imports."""
    paths = {name_of(path): path for path in sources()}
    found: dict[str, set[str]] = {}
    for name, path in paths.items():
        targets = (
            target if target in paths else target.rpartition(".")[0] for target in imports_of(path)
        )
        found[name] = {target for target in targets if target in paths and target != name}
    return found


def room_of(module: str) -> str:
    """Name the room of a module of the page; "" for those of the page as a whole."""
    room = module.split(".")[2]
    return room if room in ROOMS else ""


def circles() -> list[list[str]]:
    """List the modules that import each other, in one step or several."""
    graph = arrows()
    reached = {name: _reach(graph, name) for name in graph}
    rings = {tuple(sorted(b for b in reached[a] if a in reached[b])) for a in graph}
    return [list(ring) for ring in sorted(rings) if ring]


def _reach(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph[name]
    return found


def main() -> None:
    """Print each room with what it is for, and how often it imports from which others."""
    counts: dict[str, Counter[str]] = {room: Counter() for room in ROOMS}
    for module, targets in arrows().items():
        if module.startswith("app.browser.") and (room := room_of(module)):
            inside = (target for target in targets if target.startswith("app.browser."))
            counts[room].update(other for one in inside if (other := room_of(one)) != room)
    for room, targets_of_room in counts.items():
        source = (APP / "browser" / room / "__init__.py").read_text(encoding="utf-8")
        purpose = (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
        others = ", ".join(f"{other} {count}" for other, count in targets_of_room.most_common())
        print(f"{room:13} {purpose}\n{'':13} imports: {others or 'nothing of the page'}")


if __name__ == "__main__":
    main()
