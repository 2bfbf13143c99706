"""Packages for the Python of a chat: Pyodide's own list, with the hash of each file,
and what PyPI says of a project. Pure.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ....python.messages import name_of

# Where Pyodide's files are, by its version.
DISTRIBUTION = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
PYPI = "https://pypi.org/"
# Where PyPI keeps the files: its list of a project must not name another host.
PYPI_FILES = "https://files.pythonhosted.org/"
# A project needs no more others than these.
MOST_PROJECTS = 60

# What the largest wheels of Pyodide take: its list tells no sizes. Measured with those of 0.27.7.
ABOUT_BYTES = {
    "fonttools": 1_100_000,
    "libopenblas": 6_100_000,
    "matplotlib": 6_700_000,
    "numpy": 3_100_000,
    "pandas": 5_700_000,
    "pillow": 1_000_000,
    "pyarrow": 10_900_000,
    "scikit-learn": 6_300_000,
    "scipy": 13_500_000,
}
# Modules whose project has another name, in what people and models use.
_PROJECTS = {
    "docx": "python-docx",
    "pptx": "python-pptx",
    "fpdf": "fpdf2",
    "dotenv": "python-dotenv",
    "slugify": "python-slugify",
    "odf": "odfpy",
    "vl_convert": "vl-convert-python",
}
# What runs in the tab: Python alone, or made for this Pyodide.
_RUNS = re.compile(r"-(?:py3|py2\.py3)-none-any\.whl$|-pyemscripten_2026_0_wasm32\.whl$")
_CPYTHON = re.compile(r"-cp314-cp314-|-cp3\d+-abi3-")
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_CLAUSE = re.compile(r"(===|==|!=|~=|<=|>=|<|>)\s*([^\s,;)]+)")
_MARKER = re.compile(r"(\w+)\s*(==|!=|<=|>=|<|>|in|not in)\s*['\"]([^'\"]*)['\"]")
_HERE = {
    "python_version": "3.14",
    "python_full_version": "3.14.2",
    "sys_platform": "emscripten",
    "platform_system": "Emscripten",
    "os_name": "posix",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "platform_machine": "wasm32",
}


class Wheel(NamedTuple):
    """A file of a package. `address` is where it is beside the page's own places; `size` is 0 where
    nobody tells it before it is fetched.
    """

    name: str
    version: str
    file_name: str
    sha256: str
    address: str
    size: int = 0


class Found(NamedTuple):
    """A wheel of a project, and what it needs, as requirements."""

    wheel: Wheel
    requires: list[str]


class Catalogue:
    """Pyodide's list: `lock` is its pyodide-lock.json, of this version of Pyodide."""

    def __init__(self, lock: Mapping[str, Any], version: str) -> None:
        self._packages: dict[str, Any] = {
            name_of(name): one
            for name, one in lock["packages"].items()
            if one.get("package_type") != "cpython_module" and name != "micropip"
        }
        self._of_module = {
            module: name for name, one in self._packages.items() for module in one["imports"]
        }
        self._address = DISTRIBUTION.format(version=version)

    def project_of(self, module: str) -> str:
        """The project that has this module."""
        return self._of_module.get(module) or _PROJECTS.get(module) or name_of(module)

    def has(self, project: str) -> bool:
        """Tell whether Pyodide has it."""
        return project in self._packages

    def closure(self, projects: Iterable[str]) -> list[Wheel]:
        """These, as far as Pyodide has them, with all that they need."""
        found: dict[str, Wheel] = {}
        waiting = [name for name in projects if name in self._packages]
        while waiting:
            name = waiting.pop()
            if name in found or name not in self._packages:
                continue
            one = self._packages[name]
            found[name] = Wheel(
                name,
                str(one["version"]),
                str(one["file_name"]),
                str(one["sha256"]),
                self._address + str(one["file_name"]),
            )
            waiting += map(name_of, one["depends"])
        return sorted(found.values())


def version_of(project: Mapping[str, Any], requirement: str) -> tuple[str, str]:
    """Choose a version of a project as PyPI's JSON describes it: the version and, where there is
    none that runs here, why not.
    """
    releases = project.get("releases")
    if not isinstance(releases, Mapping):
        return "", "PyPI tells no releases"
    fitting = [
        version
        for version, files in releases.items()
        if _VERSION.fullmatch(version)
        and satisfies(version, requirement)
        and any(_is_wheel(one) for one in files)
    ]
    if not fitting:
        return "", f"no wheel of {requirement.strip()} runs in the tab"
    return max(fitting, key=_numbers), ""


def found_in(project: Mapping[str, Any], name: str, version: str) -> Found | None:
    """The wheel of a version, of PyPI's JSON for exactly that."""
    info = project.get("info") or {}
    for one in project.get("urls") or ():
        if not _is_wheel(one) or not str(one.get("url", "")).startswith(PYPI_FILES):
            continue
        wheel = Wheel(
            name,
            version,
            str(one["filename"]),
            str(one["digests"]["sha256"]),
            str(one["url"]),
            int(one.get("size") or 0),
        )
        return Found(wheel, needed(info.get("requires_dist") or ()))
    return None


def needed(requires: Iterable[str]) -> list[str]:
    """The requirements that hold here, without their conditions; none of extras."""
    found = []
    for one in requires:
        requirement, _, marker = str(one).partition(";")
        if "extra" not in marker and _holds(marker):
            found.append(requirement.strip())
    return found


def satisfies(version: str, requirement: str) -> bool:
    """Tell whether a version is one that a requirement asks for."""
    for operator, wanted in _CLAUSE.findall(requirement.partition(";")[0]):
        have, want = _numbers(version), _numbers(wanted)
        if wanted.endswith(".*"):
            has_prefix = have[: len(want)] == want
            if has_prefix != (operator in ("==", "===")):
                return False
        elif not _compares(have, operator, want):
            return False
    return True


def _compares(have: tuple[int, ...], operator: str, want: tuple[int, ...]) -> bool:
    width = max(len(have), len(want))
    left = have + (0,) * (width - len(have))
    right = want + (0,) * (width - len(want))
    match operator:
        case "==" | "===":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
        case "~=":
            return left >= right and have[: len(want) - 1] == want[:-1]
    return False


def _numbers(version: str) -> tuple[int, ...]:
    found = _VERSION.match(version.strip().lstrip("v"))
    return tuple(int(one[:18]) for one in found[0].split(".")) if found else (0,)


def _holds(marker: str) -> bool:
    """Tell whether a condition holds here. One that is not understood is taken to hold: then a
    package too many is loaded, not one too few.
    """
    return not marker.strip() or any(
        all(_is_true(one) for one in re.split(r"\band\b", part))
        for part in re.split(r"\bor\b", marker)
    )


def _is_true(condition: str) -> bool:
    found = _MARKER.search(condition)
    if found is None or found[1] not in _HERE:
        return True
    have, operator, want = _HERE[found[1]], found[2], found[3]
    if found[1].startswith("python") and operator not in ("in", "not in"):
        return _compares(_numbers(have), operator, _numbers(want))
    match operator:
        case "in":
            return have in want
        case "not in":
            return have not in want
        case "!=":
            return have != want
    return have == want


def _is_wheel(file: Mapping[str, Any]) -> bool:
    name = str(file.get("filename", ""))
    is_pure = name.endswith("none-any.whl")
    is_fit = _RUNS.search(name) is not None and (is_pure or _CPYTHON.search(name) is not None)
    return is_fit and not file.get("yanked")
