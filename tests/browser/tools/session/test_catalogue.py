"""What packages there are: Pyodide's own list, and what PyPI says of a project."""

import json
from typing import Any

import pytest

from app.browser.tools.session.catalogue import (
    Catalogue,
    found_in,
    needed,
    satisfies,
    version_of,
)
from tests.browser.tools.session.wheels import project
from tests.live_server import RUNTIME


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    lock = RUNTIME / "npm/node_modules/pyodide/pyodide-lock.json"
    return Catalogue(json.loads(lock.read_bytes()), "314.0.7")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("pandas", "pandas"),
        ("PIL", "pillow"),
        ("sklearn", "scikit-learn"),
        ("bs4", "beautifulsoup4"),
        ("dateutil", "python-dateutil"),
        ("yaml", "pyyaml"),
        ("docx", "python-docx"),
        ("unheard_of", "unheard-of"),
    ],
)
def test_the_project_of_a_module(catalogue: Catalogue, module: str, name: str) -> None:
    assert catalogue.project_of(module) == name


def test_a_package_comes_with_all_that_it_needs(catalogue: Catalogue) -> None:
    found = catalogue.closure(["pandas"])
    assert [one.name for one in found] == ["numpy", "pandas", "python-dateutil", "pytz", "six"]
    pandas = found[1]
    assert pandas.file_name.endswith("-cp314-cp314-pyemscripten_2026_0_wasm32.whl")
    assert pandas.address == f"https://cdn.jsdelivr.net/pyodide/v314.0.7/full/{pandas.file_name}"
    assert all(len(one.sha256) == 64 for one in found)
    assert len(catalogue.closure(["matplotlib"])) == 12
    assert catalogue.closure(["unheard-of"]) == []


@pytest.mark.parametrize(
    ("requirement", "fits"),
    [
        ("a", True),
        ("a==2.1", True),
        ("a==2.1.0", True),
        ("a==2", False),
        ("a==2.*", True),
        ("a!=2.*", False),
        ("a>=2,<3", True),
        ("a (>=2.2)", False),
        ("a~=2.0", True),
        ("a~=1.9", False),
        ("a[extra]>2.0.9; python_version>'3'", True),
        ("a<=2.0", False),
        ("a===2.1", True),
    ],
)
def test_versions_are_compared_by_their_numbers(requirement: str, fits: bool) -> None:
    assert satisfies("2.1", requirement) == fits
    assert satisfies("10.0", "a>9") is True


def test_conditions_are_those_of_the_tab() -> None:
    asked = [
        "plain>=1",
        "old; python_version < '3.9'",
        "here; sys_platform == 'emscripten' and python_version >= '3.8'",
        "windows; sys_platform == 'win32' or os_name == 'nt'",
        "more; extra == 'more'",
        "odd; something_else == 'x'",
    ]
    assert needed(asked) == ["plain>=1", "here", "odd"]


def test_the_newest_wheel_that_runs_here_is_chosen() -> None:
    def files(*names: str, yanked: bool = False) -> list[dict[str, Any]]:
        return [{"filename": name, "yanked": yanked} for name in names]

    releases = {
        "1.0": files("a-1.0-py3-none-any.whl"),
        "1.9": files("a-1.9-cp314-cp314-pyemscripten_2026_0_wasm32.whl"),
        "1.10": files("a-1.10-py2.py3-none-any.whl"),
        "2.0": files("a-2.0-cp314-cp314-manylinux_2_28_x86_64.whl", "a-2.0.tar.gz"),
        "2.1": files("a-2.1-py3-none-any.whl", yanked=True),
        "3.0rc1": files("a-3.0rc1-py3-none-any.whl"),
    }
    assert version_of({"releases": releases}, "a") == ("1.10", "")
    assert version_of({"releases": releases}, "a<1.10") == ("1.9", "")
    assert version_of({"releases": releases}, "a>=2")[1] == "no wheel of a>=2 runs in the tab"
    assert version_of({"releases": None}, "a")[1]


def test_a_file_of_another_host_is_not_taken() -> None:
    told = project("a", "1.0", b"data", "b>=2", "c; extra == 'x'")
    found = found_in(told, "a", "1.0")
    assert found is not None
    assert found.requires == ["b>=2"]
    assert found.wheel.size == 4
    told["urls"][0]["url"] = "https://example.org/a-1.0-py3-none-any.whl"
    assert found_in(told, "a", "1.0") is None


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("", True),
        ("sys_platform != 'win32'", True),
        ("sys_platform != 'emscripten'", False),
        ("'emscripten' in sys_platform", True),
        ("sys_platform in 'linux emscripten'", True),
        ("sys_platform in 'linux darwin'", False),
        ("sys_platform not in 'linux darwin'", True),
        ("sys_platform not in 'linux emscripten'", False),
        ("os_name == 'posix'", True),
        ("python_version < '3'", False),
        ("python_version <= '3'", False),
        ("python_version > '3'", True),
        ("python_full_version >= '3.10.0'", True),
        ("sys_platform == 'win32' or python_version > '3'", True),
        ("sys_platform == 'win32' and python_version > '3'", False),
        ("unheard_of == 'x' and sys_platform == 'win32'", False),
    ],
)
def test_each_kind_of_condition(marker: str, holds: bool) -> None:
    assert needed([f"a>1 ;{marker}"]) == (["a>1"] if holds else [])


@pytest.mark.parametrize(
    ("version", "requirement", "fits"),
    [
        ("2.1", "a<2.1", False),
        ("2.1", "a<2.1.1", True),
        ("2.1", "a>2.1", False),
        ("2.1", "a<=2.1", True),
        ("2.1", "a>=2.1.0", True),
        ("2.1", "a!=2.1", False),
        ("2.1", "a!=2.2", True),
        ("2.1", "a!=3.*", True),
        ("2.1", "a==2.1.*", True),
        ("2.1", "a==2.2.*", False),
        ("2.1", "a~=2.1", True),
        ("2.1", "a~=2.1.0", True),
        ("2.2", "a~=2.1.0", False),
        ("2.0", "a~=2.1", False),
        ("3.0", "a~=2.1", False),
        ("v2.1", "a==2.1", True),
        ("2.1", "a>1,<2", False),
        ("2.1", "a<2,>1", False),
    ],
)
def test_every_way_to_compare(version: str, requirement: str, fits: bool) -> None:
    assert satisfies(version, requirement) == fits
