"""Names of files, made of what strangers write."""

import re

import pytest

from app.core.file_names import (
    DATA_SUFFIXES,
    SUFFIXES,
    name_in_folder,
    safe_file_name,
    safe_stem,
    type_by_name,
)

_RUN = """
    exe com bat cmd scr pif cpl msc msi msp hta lnk url reg vbs vbe jse wsf wsh scf job inf
    desktop command app jar application gadget ps1xml chm sct settingcontent-ms appref-ms iso dll
"""
RUN_BY_A_DOUBLE_CLICK = _RUN.split()


@pytest.mark.parametrize("suffix", RUN_BY_A_DOUBLE_CLICK)
@pytest.mark.parametrize(
    "name",
    ["code.{}", "invoice.pdf.{}", "a.{} ", "a.{}...", "a.py.{}", "x\\y.{}", "C:a.{}", "a.\u200b{}"],
)
def test_what_runs_by_a_double_click_becomes_text(name: str, suffix: str) -> None:
    for written in (suffix, suffix.upper()):
        for suffixes in (SUFFIXES, DATA_SUFFIXES):
            safe = safe_file_name(name.format(written), suffixes=suffixes)
            assert safe.endswith(".txt"), safe
            assert safe.count(".") == 1


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("sales.xlsx", "sales.xlsx"),
        ("backup.tar.gz", "backup.tar.gz"),
        ("plots/all.PNG", "all.PNG"),
        ("Thumbs.db", "file-Thumbs.db"),
        ("macros.xlsm", "macros-xlsm.txt"),
        ("help.pdf.exe", "help-pdf-exe.txt"),
        ("fdp\u202eexe.zip", "fdpexe.zip"),
    ],
)
def test_files_of_data_keep_their_kind(name: str, safe: str) -> None:
    assert safe_file_name(name, suffixes=DATA_SUFFIXES) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("tide.py", "tide.py"),
        ("vite.config.js", "vite.config.js"),
        ("app.test.ts", "app.test.ts"),
        ("Straße 東京.md", "Straße 東京.md"),
        ("invoice.pdf.py", "invoice-pdf.py"),
        ("invoice․exe", "invoice-exe.txt"),  # a one dot leader
        ("invoice．exe", "invoice-exe.txt"),  # a full-width dot
        ("fdp\u202eexe.py", "fdpexe.py"),
        ("a\u2066b\u2069\u200b\ufeff.py", "ab.py"),
        ("autorun.inf", "autorun-inf.txt"),
        ("desktop.ini", "file-desktop.ini"),
        ("Thumbs.db", "Thumbs-db.txt"),
        (".bashrc", "bashrc.txt"),
        ("..py", "file.py"),
        ("-rf.py", "rf.py"),
        ("x.txt:evil.exe", "x-txt-evil-exe.txt"),
        ("../../etc/passwd", "passwd.txt"),
        ("C:\\Windows\\x.py", "x.py"),
        ("a\nb\x00c.py", "a b c.py"),
        ("%TEMP%$(id)`id`.sh", "TEMP-(id)-id.sh"),
        ("\ud800x.py", "x.py"),
        ("", "file.txt"),
        ("...", "file.txt"),
    ],
)
def test_a_name_keeps_what_is_harmless(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe
    assert safe_file_name(safe) == safe


DEVICES = [
    "con",
    "PRN",
    "aux",
    "nul",
    "CONIN$",
    *(f"{p}{n}" for p in ("com", "LPT") for n in "09²"),
]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("suffix", ["", ".txt", ".py", ".config.js", " .md", "\u200b.md"])
def test_no_device_of_windows_is_named(device: str, suffix: str) -> None:
    before_first_dot = safe_file_name(device + suffix).split(".")[0]
    assert not re.fullmatch(r"(?i)con|prn|aux|nul|conin\$|(com|lpt).", before_first_dot)
    assert safe_stem(device).startswith("file-") or "$" in device


@pytest.mark.parametrize(
    ("letters", "kept"), [("a", 60), ("é", 60), ("東", 60), ("😀", 45), ("a\u0301", 30)]
)
def test_names_are_short_in_letters_and_bytes(letters: str, kept: int) -> None:
    assert safe_file_name(letters * 5000 + ".py") == letters * kept + ".py"


def test_the_list_of_suffixes_holds_nothing_that_is_there_to_be_run() -> None:
    assert not SUFFIXES.intersection(RUN_BY_A_DOUBLE_CLICK)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("otter.png", "image/png"),
        ("/pictures/otter.JPG", "image/jpeg"),
        ("//[otter.png", "image/png"),
        ("http://[", ""),
        ("a/data:text/html,b/otter.png", "image/png"),
        ("an otter", ""),
    ],
)
def test_any_name_may_tell_its_kind(name: str, kind: str) -> None:
    assert type_by_name(name) == kind


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("sales 2024.csv", "sales 2024.csv"),
        ("run.exe", "run.exe"),
        ("../../etc/passwd", "_._.._etc_passwd"),
        ("C:\\x", "C__x"),
        (".hidden", "_hidden"),
        ("a\u202eb\n.csv", "a_b_.csv"),
        ("x" * 200 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_a_name_in_the_folder_of_a_session_stays_but_for_what_leads_elsewhere(
    name: str, kept: str
) -> None:
    assert name_in_folder(name) == kept
