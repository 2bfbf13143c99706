"""Pins: every file by its hash, and the same versions everywhere."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from .fakes import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def pins(file: Path) -> set[str]:
    """Return name==version of everything in a lock file, without its conditions."""
    return set(re.findall(r"^[\w.-]+==[^\s;]+", file.read_text(), re.MULTILINE))


def lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: file.stem)
def test_every_requirement_has_a_hash(file):
    requirements = re.split(r"^(?=[a-z])", file.read_text(), flags=re.MULTILINE)[1:]
    assert requirements
    assert all("==" in text and "--hash=sha256:" in text for text in requirements)


@pytest.mark.parametrize("name", ["tests", "benchmarks"])
def test_what_shares_an_environment_agrees(name):
    assert pins(lock("serve")) <= pins(lock(name))


@pytest.mark.parametrize("name", ["measuring", "reference"])
def test_what_is_added_to_the_environment_of_the_tests_changes_none_of_its_packages(name):
    versions = dict(pin.split("==") for pin in pins(lock("tests")))
    added = dict(pin.split("==") for pin in pins(lock(name)))
    assert {package: versions.get(package, version) for package, version in added.items()} == added


def test_the_tab_has_the_same_packages_as_the_server_and_the_tests():
    assert pins(lock("tab")) <= pins(lock("serve")) | pins(lock("tests"))


def test_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for name, wanted in project["dependency-groups"].items():
        assert {text.split(";")[0].strip() for text in wanted} <= pins(lock(name))


def test_the_library_takes_ranges_that_hold_what_is_pinned():
    """A pin would fit beside nobody else's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert set(extras["http"]) < set(extras["server"])
    pinned = dict(pin.split("==") for pin in pins(lock("serve")))
    wanted = [Requirement(text) for text in [*project["dependencies"], *extras["server"]]]
    assert {one.name for one in wanted} <= pinned.keys()
    for one in wanted:
        assert pinned[one.name] in one.specifier
        assert {part.operator for part in one.specifier} == {">=", "<"}


@pytest.mark.parametrize(
    "folder", [ROOT, ROOT / "tests/peers/clients", ROOT / "benchmarks/painting/peers"]
)
def test_every_npm_package_has_a_hash_and_none_an_address(folder):
    packages = json.loads((folder / "package-lock.json").read_bytes())["packages"]
    asked = packages.pop("")
    manifest = json.loads((folder / "package.json").read_bytes())
    assert asked["dependencies"] == manifest["dependencies"]
    assert asked.get("devDependencies") == manifest.get("devDependencies")
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
