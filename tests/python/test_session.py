"""Interrupts, files, names: what there is around a cell."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.python.folder import MOST_FILES, Folder
from app.python.messages import File, Gone
from app.python.session import catch_interrupts
from tests.python.conftest import Told


def test_an_interrupt_ends_the_cell_and_keeps_the_names(told: Told) -> None:
    # The cell itself gives the signal, so it is there in the middle of the loop.
    before = signal.getsignal(signal.SIGINT)
    catch_interrupts(told.session)
    try:
        done = told.run(
            "import signal\nx = 0\nwhile True:\n    x += 1\n"
            "    if x == 1000: signal.raise_signal(signal.SIGINT)"
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.status == "interrupted"
    assert told.failure.name == "KeyboardInterrupt"
    assert told.run("x").told == "1000"


def test_an_interrupt_ends_what_awaits(told: Told) -> None:
    told.session.names["interrupt"] = told.session.interrupt
    done = told.run(
        "import asyncio\nx = 1\nasyncio.get_running_loop().call_later(0, interrupt)\n"
        "await asyncio.sleep(3600)"
    )
    assert done.status == "interrupted"
    assert told.run("x").told == "1"


def test_an_interrupt_without_a_cell_does_nothing(told: Told) -> None:
    told.session.interrupt()
    assert told.run("1").told == "1"
    told.session.interrupt()
    assert told.run("2").told == "2"


def test_a_file_whose_name_does_not_fit_is_told_and_ends_nothing(told: Told) -> None:
    told.session.put("a", b"1")
    for name in ("a/b", "../out", "/abs", "a\0b"):
        told.session.put(name, b"2")
    done = told.run("from pathlib import Path\nPath('a').read_text()")
    assert len(done.notes) == 4
    assert "[../out could not be laid into the folder: " in done.told
    assert told.run("1").notes == []


def test_files_that_a_cell_changes_are_told(told: Told) -> None:
    told.session.folder.put("data/in.csv", b"a,b\n")
    assert told.run("from pathlib import Path\nPath('data/in.csv').read_text()").told == "'a,b\\n'"
    assert told.of(File) == []
    told.run(
        "import os\nPath('out.txt').write_text('12')\nPath('.hidden').write_text('x')\n"
        "os.makedirs('__pycache__')\nPath('__pycache__/a').write_text('x')\n"
        "os.symlink('/etc/passwd', 'link')"
    )
    assert told.of(File) == [File("out.txt", 2)]
    told.run("Path('out.txt').write_text('1234'); os.remove('data/in.csv')")
    assert told.of(File) == [File("out.txt", 4)]
    assert told.of(Gone) == [Gone("data/in.csv")]
    told.run("1")
    assert told.of(File) + told.of(Gone) == []


def test_what_is_too_much_is_not_kept_and_said(told: Told) -> None:
    done = told.run(
        f"for n in range({MOST_FILES} + 3):\n    open(f'{{n:04}}', 'w').close()\n"
        "with open('huge', 'wb') as huge:\n    huge.truncate(60_000_000)"
    )
    assert len(told.of(File)) == MOST_FILES
    assert "Too large to be kept" in done.told
    told.run("import os\nfor name in os.listdir():\n    os.remove(name)")
    assert len(told.of(Gone)) == MOST_FILES + 4
    told.run("open('again', 'w').close()")
    assert told.of(File) == [File("again", 0)]


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a/../../b", "", "a\0b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = Folder(tmp_path)
    with pytest.raises(ValueError, match="no name of a file"):
        folder.put(name, b"")


def test_names_are_listed_with_type_shape_and_size(told: Told) -> None:
    told.run(
        "import os\nfrom os import path\nx = [1, 2, 3]\n_hidden = 1\nname = 'n' * 500\n"
        "class Array:\n    shape = (3, 4)\n    nbytes = 96\n"
        "    def __repr__(self): raise ValueError\n"
        "a = Array()\nf = lambda: 1"
    )
    listed = {one.name: one for one in told.session.variables().variables}
    assert listed.keys() == {"x", "name", "Array", "a", "f"}
    assert (listed["x"].type, listed["x"].shape, listed["x"].text) == ("list", "3", "[1, 2, 3]")
    assert (listed["a"].type, listed["a"].shape, listed["a"].size) == ("Array", "3 × 4", 96)
    assert len(listed["name"].text) < 200


def test_what_a_cell_replaces_is_back_after_it(told: Told) -> None:
    before = sys.stdout, sys.stdin, sys.modules["__main__"]
    told.run("import sys\nsys.stdout = None\nsys.stdin = None")
    assert (sys.stdout, sys.stdin, sys.modules["__main__"]) == before
    assert told.run("print('still here')").told == "still here"


def test_where_memory_is_full_it_is_said_what_helps(told: Told) -> None:
    done = told.run("raise MemoryError")
    (note,) = done.notes
    assert "del what is not needed" in note
    assert done.told.endswith(f"MemoryError\n[{note}]")


@pytest.mark.skipif(sys.platform == "emscripten", reason="there are no threads in the tab")
def test_threads_print_too(told: Told) -> None:
    done = told.run(
        "import threading\n"
        "made = [threading.Thread(target=print, args=(n,)) for n in range(20)]\n"
        "for one in made: one.start()\n"
        "for one in made: one.join()"
    )
    assert sorted(map(int, done.told.split())) == list(range(20))


@pytest.mark.skipif(sys.platform == "emscripten", reason="there are no processes in the tab")
def test_it_needs_nothing_but_the_standard_library() -> None:
    """Any Python of 3.11 or later can run it: no folder of packages is looked into."""
    root = Path(__file__).parents[2]
    names = [path.stem for path in (root / "app/python").glob("*.py")]
    modules = ", ".join(f"app.python.{one}" for one in names if one not in _OF_OTHERS)
    code = f"import sys; sys.path.insert(0, {str(root)!r}); import {modules}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert done.stderr == ""


# What Matplotlib loads itself.
_OF_OTHERS = {"__init__", "matplotlib_backend"}
