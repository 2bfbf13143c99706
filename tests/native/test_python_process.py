"""A Python session in a process of its own: state, interrupts, limits, and what it does not get."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import UsageError
from app.native import python_process
from app.native.python_process import PythonProcess, PythonSettings
from app.python.messages import File, Message, Output
from tests.live_server import LIMIT_S


async def interrupted(process: PythonProcess, code: str, until: str = "ready") -> None:
    """Run a cell and cancel it once it has printed something."""
    is_there = asyncio.Event()

    def hear(message: Message) -> None:
        if isinstance(message, Output) and until in message.text:
            is_there.set()

    running = asyncio.ensure_future(process.run(code, hear))
    await is_there.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_state_output_and_files_of_one_session(tmp_path: Path) -> None:
    process = PythonProcess(PythonSettings(folder=tmp_path))
    (tmp_path / "in.txt").write_text("from the person")
    messages: list[Message] = []
    try:
        assert (await process.run("x = open('in.txt').read()\nx")).told == "'from the person'"
        done = await process.run(
            "import os, subprocess, sys\nprint('one')\n"
            "subprocess.run([sys.executable, '-c', 'print(2)'])\nos.write(2, b'three\\n')\n"
            "with open('out.txt', 'w') as file: file.write(x)",
            messages.append,
        )
        assert sorted(done.told.split()) == ["2", "one", "three"]
        assert [one for one in messages if isinstance(one, File)] == [File("out.txt", 15)]
        listed = await process.variables()
        assert [one.name for one in listed.variables] == ["x", "file"]
        assert (await process.run("import asyncio\nawait asyncio.sleep(0, x)")).told == repr(
            "from the person"
        )
    finally:
        await process.close()
    assert (tmp_path / "out.txt").read_text() == "from the person"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lets itself be interrupted gets the time for it, on a busy machine too."""
    monkeypatch.setattr(python_process, "_PATIENCE_S", LIMIT_S)


@pytest.mark.usefixtures("patient")
async def test_a_stop_ends_the_cell_and_keeps_the_names(tmp_path: Path) -> None:
    process = PythonProcess(PythonSettings(folder=tmp_path))
    try:
        await process.run("x = 1")
        for code in (
            "print('ready')\nwhile True: x += 1",
            "import threading\nprint('ready')\nthreading.Event().wait()",
            "import asyncio\nprint('ready')\nawait asyncio.sleep(3600)",
            "import subprocess, sys\nprint('ready')\n"
            "subprocess.run([sys.executable, '-c', 'import threading; threading.Event().wait()'])",
        ):
            await interrupted(process, code)
            done = await process.run("x > 0")
            assert (done.told, done.notes) == ("True", [])
    finally:
        await process.close()


async def test_what_does_not_let_itself_be_interrupted_is_ended_and_that_is_said(
    tmp_path: Path,
) -> None:
    process = PythonProcess(PythonSettings(folder=tmp_path))
    try:
        await process.run("x = 1\nwith open('kept', 'w') as file: file.write('y')")
        await interrupted(
            process,
            "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('ready')\n"
            "while True: pass",
        )
        done = await process.run("import os\nprint(os.listdir())\nx")
        assert "NameError" in done.told
        assert "['kept']" in done.told
        assert "all names and imports of earlier calls are gone" in done.told
        done = await process.run("1")
        assert done.notes == []
        done = await process.run("import os\nos._exit(3)")
        assert done.told == "[Its process ended before the cell did]"
        assert (await process.run("2")).told.startswith("2\n[Python was started anew")
    finally:
        await process.close()


@pytest.mark.usefixtures("patient")
async def test_time_and_memory_have_limits(tmp_path: Path) -> None:
    limits = PythonSettings(folder=tmp_path, limit_s=1, memory_bytes=1_000_000_000)
    process = PythonProcess(limits)
    try:
        done = await process.run("x = 1\nwhile True: pass")
        assert done.status == "interrupted"
        assert done.notes == ["It was stopped: a cell may run for 1 seconds"]
        # What follows ends by itself, though not within a second on every machine.
        process._settings = replace(limits, limit_s=LIMIT_S)
        if sys.platform == "linux":
            done = await process.run("x = bytearray(5_000_000_000)")
            assert "MemoryError" in done.told
        assert (await process.run("x")).told == "1"
    finally:
        await process.close()


async def test_it_gets_none_of_our_environment_and_its_folder_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "json.py").write_text("raise SystemExit('the folder one stands in was run')")
    process = PythonProcess()
    try:
        done = await process.run("import os\nprint(dict(os.environ))\nos.getcwd()")
        assert "sk-secret" not in done.told
        folder = Path(done.told.splitlines()[-1].strip("'"))
        assert folder.is_dir()
        assert folder != tmp_path
        # A file of its own takes no library's place either.
        assert (await process.run("open('csv.py', 'w').close()\nimport csv\ncsv.reader")).told
        assert "reader" in (await process.run("csv.reader")).told
    finally:
        await process.close()
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_all_that_a_cell_has_started_ends_with_it(tmp_path: Path) -> None:
    process = PythonProcess(PythonSettings(folder=tmp_path))
    try:
        done = await process.run(
            "import subprocess, sys\n"
            "wait = 'import threading; threading.Event().wait()'\n"
            "subprocess.Popen([sys.executable, '-c', wait]).pid"
        )
    finally:
        await process.close()
    for _ in range(1000):  # its new parent has to take note of its end
        if not _is_alive(int(done.told)):
            break
        await asyncio.sleep(0.01)
    assert not _is_alive(int(done.told))


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def test_cells_take_their_turns(tmp_path: Path) -> None:
    process = PythonProcess(PythonSettings(folder=tmp_path))
    try:
        await process.run("x = []")
        await asyncio.gather(*(process.run(f"x.append({n})") for n in range(3)))
        assert (await process.run("x")).told == "[0, 1, 2]"
    finally:
        await process.close()


async def test_a_python_that_is_not_there_is_told(tmp_path: Path) -> None:
    process = PythonProcess(PythonSettings(executable=tmp_path / "python"))
    with pytest.raises(UsageError, match="cannot be started"):
        await process.run("1")
    other = PythonProcess(PythonSettings(executable=Path("/bin/true")))
    with pytest.raises(UsageError, match="is it a Python"):
        await other.run("1")
    await process.close()
    await other.close()
