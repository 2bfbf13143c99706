"""What a cell needs that is not here."""

import pytest

from app.python.imports import needs
from app.python.messages import name_of


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import nowhere", ["nowhere"]),
        ("import nowhere.deep as d, json", ["nowhere"]),
        ("from nowhere.deep import x", ["nowhere"]),
        ("def f():\n    import nowhere\n    import nowhere", ["nowhere"]),
        ("await f()\nimport nowhere", ["nowhere"]),
        ("try:\n    import nowhere\nexcept ImportError:\n    import other_one", ["other_one"]),
        ("try:\n    import nowhere\nexcept (KeyError, ModuleNotFoundError): pass", []),
        ("try:\n    import nowhere\nexcept KeyError: pass", ["nowhere"]),
        ("try:\n    import nowhere\nfinally: pass", ["nowhere"]),
        ("from . import nowhere\nfrom .a import b", []),
        ("import json, tkinter, IPython.display, micropip", []),
        ("text = 'import nowhere'", []),
        ("import nowhere (", []),
        ("(" * 5000, []),
    ],
)
def test_imports_are_read_from_the_tree(source: str, modules: list[str]) -> None:
    assert needs(source).modules == modules


BLOCK = """# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "nowhere<3",
#   "pytest",
# ]
# ///
import json
"""


def test_a_block_of_pep_723_is_honoured() -> None:
    assert needs(BLOCK).requirements == ["nowhere<3"]
    assert needs(BLOCK.replace("dependencies = [", "dependencies = ")).requirements == []
    assert needs(BLOCK + BLOCK).requirements == []  # two are none
    assert needs(BLOCK.replace("# ///\nimport", "import")).requirements == []


def test_what_micropip_is_to_install_is_asked_for() -> None:
    source = "import micropip\nawait micropip.install(['nowhere==1', name])\n"
    assert needs(source).requirements == ["nowhere==1"]
    assert needs("micropip.install('nowhere')").requirements == ["nowhere"]


def test_names_are_written_in_one_way() -> None:
    assert name_of("Foo_Bar.baz >= 2") == "foo-bar-baz"
    assert name_of("foo[extra]~=1") == "foo"
    assert name_of("-x") == ""


def test_there_are_bounds() -> None:
    found = needs("import " + ", ".join(f"nowhere{n}" for n in range(300)) + ", " + "n" * 5000)
    assert len(found.modules) == 50
