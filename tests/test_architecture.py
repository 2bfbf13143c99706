"""The rules of the house that a machine can check: who imports whom, and what the tab carries."""

import ast
import re
import sys
from pathlib import Path

from app.setup.tab_sources import LIBRARY_ONLY, read_sources
from tests import rooms

APP = Path(__file__).parent.parent / "app"

# A package may import from those named here, beside itself.
MAY_IMPORT = {
    "core": set(),
    "markdown": set(),
    "protocols": {"core"},
    "providers": {"core", "protocols"},
    "scripted": {"core"},
    "connections": {"core", "protocols"},
    "following": {"core", "protocols"},
    "adapters": {"core"},
    "runs": {"core"},
    "python": {"core"},
    "documents": {"core"},
    "history": {"core", "markdown"},
    "agents": {"core", "protocols", "providers", "python"},
    "browser": {
        *("core", "markdown", "protocols", "providers", "scripted", "history", "python"),
        *("documents", "following"),
    },
    "native": {
        *("core", "protocols", "providers", "scripted", "connections", "agents", "python"),
        "setup",
    },
    "server": {
        *("core", "protocols", "providers", "scripted", "connections", "runs", "native", "setup"),
        "following",
    },
    "setup": set(),
}
THIRD_PARTY = {
    "core": {"msgspec", "docstring_parser"},
    "markdown": set(),
    "protocols": {"msgspec"},
    "providers": {"msgspec"},
    "scripted": {"msgspec"},
    "connections": {"msgspec"},
    "following": {"msgspec"},
    "adapters": {"msgspec"},
    "runs": {"msgspec", "redis"},
    "python": {"matplotlib"},  # its backend, loaded by Matplotlib alone
    "documents": {"pypdf"},
    "history": {"msgspec"},
    # The frameworks of agents, each in a module that is imported when one of its agents is met.
    "agents": {"msgspec", "pydantic_ai", "langgraph", "langchain_core", "agents", "chatlas", "llm"},
    "browser": {"msgspec", "js", "pyodide", "pyodide_js", "pyscript", "tokenfall_page"},
    "native": {"httpx2", "msgspec", "xllamacpp"},
    "server": {"h11", "msgspec", "httpx2", "prometheus_client", "starlette", "uvicorn"},
    "setup": set(),
}
NO_IO_IN_CORE = {"socket", "http", "urllib.request", "threading", "time", "subprocess", "os"}


def test_imports_run_one_way() -> None:
    wrong = [
        f"{path.relative_to(APP)} imports {name}"
        for path in rooms.sources()
        for name in rooms.imports_of(path)
        if not may_import(path.relative_to(APP).parts[0], name)
    ]
    assert wrong == []


def may_import(package: str, name: str) -> bool:
    root, *rest = name.split(".")
    if root == "app":
        target = rest[0]
        is_package = (APP / target).is_dir()
        return not is_package or target == package or target in MAY_IMPORT[package]
    if root not in sys.stdlib_module_names:
        return root in THIRD_PARTY[package]
    is_io = any(name == bad or name.startswith(f"{bad}.") for bad in NO_IO_IN_CORE)
    return not is_io or package not in ("core", "markdown", "protocols")


def test_imports_inside_the_package_are_relative() -> None:
    """The same tree works as `app` and, installed, as `tokenfall`."""
    wrong = [
        f"{path.relative_to(APP)}: {name}"
        for path in rooms.sources()
        for node in ast.walk(rooms.parsed(path))
        for name in named_absolutely(node)
        if name.split(".")[0] == "app"
    ]
    assert wrong == []


def named_absolutely(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


def test_every_package_is_in_the_rules() -> None:
    packages = {path.name for path in APP.iterdir() if (path / "__init__.py").exists()}
    assert packages <= MAY_IMPORT.keys()


def file_of(name: str) -> Path:
    """The module that a name of ours is from, below `app`."""
    parts = name.split(".")[1:]
    for length in range(len(parts), 0, -1):
        for ending in (".py", "/__init__.py"):
            if (APP / ("/".join(parts[:length]) + ending)).exists():
                return Path("/".join(parts[:length]) + ending)
    return Path("__init__.py")


def test_the_tab_imports_nothing_that_it_does_not_carry() -> None:
    carried = {Path(name).relative_to("app") for name in read_sources(APP.parent)}
    for path in carried - {Path("__init__.py")}:  # the door's names are for those who have the rest
        ours = {name for name in rooms.imports_of(APP / path) if name.startswith("app.")}
        lacking = {name: file for name in ours if (file := file_of(name)) not in carried}
        assert not lacking, path


def test_what_is_for_the_library_only_is_there_left_out_and_marked_in_the_map() -> None:
    architecture = (APP.parent / "docs/architecture.md").read_text("utf-8")
    marked = architecture.partition("**For the library only.**")[2].partition("\n\n")[0]
    carried = read_sources(APP.parent)
    for name in LIBRARY_ONLY:
        assert (APP / name).exists(), name
        assert f"`{name.removesuffix('.py')}`" in marked, name
        assert not [path for path in carried if path.startswith(f"app/{name}")]


def test_nothing_of_ours_is_imported_for_types_alone() -> None:
    """Such an import would hide a circle. (Only the public door may: its names are loaded
    later.)
    """
    assert [path for path in rooms.sources() if "TYPE_CHECKING" in path.read_text("utf-8")] == []


def test_the_rooms_of_the_page_import_as_their_table_says() -> None:
    wrong = [
        f"{module} imports {target}"
        for module, targets in rooms.arrows().items()
        if module.startswith("app.browser.") and (room := rooms.room_of(module))
        for target in targets
        if target.startswith("app.browser.")
        and (other := rooms.room_of(target)) != room
        and other not in rooms.ROOMS[room]
    ]
    assert wrong == []


def test_every_folder_of_the_page_is_a_room_that_says_what_it_is_for() -> None:
    folders = {path.name for path in (APP / "browser").iterdir() if path.is_dir()}
    assert folders - {"__pycache__", "icons"} == rooms.ROOMS.keys()
    for room, others in rooms.ROOMS.items():
        source = (APP / f"browser/{room}/__init__.py").read_text("utf-8")
        purpose, _, allowed = (ast.get_docstring(ast.parse(source)) or "").partition("\n\n")
        assert purpose.endswith(".")
        assert set(re.findall(r"\w+", allowed)) & rooms.ROOMS.keys() == others


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert rooms.circles() == []


def test_a_file_of_more_than_300_lines_says_why() -> None:
    """Tests of one thing stay together, however many there are."""
    silent = []
    for path in (
        path for path in APP.rglob("*") if path.suffix in (".py", ".js", ".mjs", ".css", ".html")
    ):
        source = path.read_text("utf-8")
        head = source.partition('"""\n\n')[0] if path.suffix == ".py" else source[:600]
        if source.count("\n") > 300 and "Long, because " not in head:
            silent.append(str(path.relative_to(APP)))
    assert silent == []
