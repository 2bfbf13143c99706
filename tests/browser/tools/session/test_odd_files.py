"""Files that are damaged, locked, empty, vast or oddly named: each is attached all the same, says
what is wrong with it, and reaches the chat's Python as it is.
"""

import hashlib
import json
import sqlite3
from contextlib import closing

from playwright.sync_api import expect

from tests.browser.python_page import PythonPage
from tests.browser.tools.session.test_python_in_the_tab import attach
from tests.documents import files


def database() -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute("CREATE TABLE pumps (name, litres)")
        made.executemany("INSERT INTO pumps VALUES (?, ?)", [("A" * 900, n) for n in range(40)])
        made.commit()
        return made.serialize()


WIDE = ",".join(f"c{n}" for n in range(10_000))


def odd() -> dict[str, tuple[bytes, str]]:
    """What they are, by their names, and what a model is told of them."""
    return {
        "corrupt.xlsx": (b"PK\3\4rubbish" * 9, "is damaged: it cannot be read"),
        "bomb.xlsx": (
            files.zipped(
                {
                    "_rels/.rels": files.related(("r", "officeDocument", "xl/workbook.xml")),
                    "xl/workbook.xml": b"\0" * 151_000_000,
                }
            ),
            "unpacks to more than can be read here",
        ),
        "hollow.docx": (
            files.zipped(
                {"_rels/.rels": files.related(("r", "officeDocument", "word/document.xml"))}
            ),
            "is damaged: it cannot be read",
        ),
        "locked.pdf": (files.pdf(["Secret"], password="y"), "is locked with a password"),
        "broken.png": (b"\x89PNG\r\n\x1a\n and no more", "is damaged, or not an image"),
        "in.zip": (files.zipped({"inner.zip": files.zipped({"../a": "x"})}), "a zip archive"),
        "torn.db": (database()[:9000], "damaged, or not what its name says"),
        "nothing.csv": (b"", "empty"),
        "wide.csv": (f"{WIDE}\n{WIDE}\n".encode(), "… 9,940 more columns"),
        "Sales.csv": (b"a\n1\n", "File: Sales.csv"),
        "sales.csv": (b"a\n2\n", "File: sales.csv"),
        "../up.csv": (b"a\n3\n", "up.csv"),
        "/etc/abs.csv": (b"a\n4\n", "abs.csv"),
        "Zeile\u202eödd 'n\".csv": (b"a\n5\n", "ödd 'n\".csv"),
    }


def test_odd_files_say_what_is_wrong_and_reach_python_as_they_are(python: PythonPage) -> None:
    chat = python.chat
    chat.new_chat_button.click()
    given = odd()
    attach(python, *((name, "", data) for name, (data, _) in given.items()))
    expect(chat.attachments).to_have_count(len(given))
    (told,) = python.run(
        "import hashlib, json\nfrom pathlib import Path\n"
        "print(json.dumps({one.name: hashlib.sha256(one.read_bytes()).hexdigest()"
        " for one in Path().iterdir()}))"
    )
    found = json.loads(told)
    assert sorted(found.values()) == sorted(
        hashlib.sha256(data).hexdigest() for data, _ in given.values()
    )
    body = json.loads(python.server.requests()[0].body)
    asked = next(one["content"] for one in body["messages"] if one["role"] == "user")
    asked = asked if isinstance(asked, str) else "".join(one["text"] for one in asked)
    for name, (_, words) in given.items():
        assert words in asked, name
    # The page goes on, and what was damaged is no reason to read another file less.
    (told,) = python.run("import zipfile\nzipfile.ZipFile('in.zip').namelist()")
    assert told == "['inner.zip']"
