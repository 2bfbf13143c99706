"""Files within a document that is a zip archive, and their XML: read within bounds.

No entity and no document type is read, so none can grow or lead elsewhere; the size that an archive
states of a file is looked at before it is unpacked, and zipfile unpacks no more than that.
"""

import io
import posixpath
import zipfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from .problems import Unreadable

# Of one file within an archive, unpacked. Text of a book has some MB.
_MOST_BYTES = 150_000_000
_DEEPEST = 200
# In the place of a sheet or slide that the document names, and has not.
MISSING = "(This part is missing from the file.)"
_CHUNK = 1 << 16


class Archive:
    """A document that is a zip archive.

    Raises:
        Unreadable: It is damaged, or needs a password.
    """

    def __init__(self, data: bytes) -> None:
        with _sound():
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        self._sizes = {one.filename: one.file_size for one in self._zip.infolist()}
        if any(one.flag_bits & 1 for one in self._zip.infolist()):
            raise Unreadable("encrypted")

    def __contains__(self, name: str) -> bool:
        return name in self._sizes

    def read(self, name: str) -> bytes:
        """Read a file; empty where there is none of this name."""
        if name not in self._sizes:
            return b""
        if self._sizes[name] > _MOST_BYTES:
            raise Unreadable("too large")
        with _sound():
            return self._zip.read(name)

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """The files that a part of an Office document names: kind and path by their ids."""
        folder, file = posixpath.split(name)
        found = {}
        for one in each(self.read(f"{folder}/_rels/{file}.rels".lstrip("/")), ("Relationship",)):
            if one.get("TargetMode") != "External":
                path = posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))
                kind = one.get("Type", "").rpartition("/")[2]
                found[one.get("Id", "")] = (kind, path.lstrip("/"))
        return found


@contextmanager
def _sound() -> Iterator[None]:
    """Whatever a broken archive makes zipfile stumble over: it raises errors of many kinds."""
    try:
        yield
    except MemoryError:
        raise
    except Exception:
        raise Unreadable("damaged") from None


def each(data: bytes, wanted: Container[str]) -> Iterator[Element]:
    """Give the outermost elements of these names, one after the other, as they are read. Names are
    without their namespaces: those of Office differ between its two standards. None for no data.

    Raises:
        Unreadable: It is not XML, or nests too deep.
    """
    reader = _Reader(wanted)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.write
    parser.StartDoctypeDeclHandler = _refuse
    try:
        for at in range(0, len(data), _CHUNK):
            parser.Parse(data[at : at + _CHUNK], at + _CHUNK >= len(data))
            yield from reader.taken()
    except expat.ExpatError:
        raise Unreadable("damaged") from None


def named(element: Element, name: str) -> str:
    """Read an attribute, whatever its namespace; of two the one that has a namespace."""
    found = [value for key, value in element.attrib.items() if key.rpartition("}")[2] == name]
    with_space = (value for key, value in element.attrib.items() if key.endswith(f"}}{name}"))
    return next(with_space, found[0] if found else "")


class _Reader:
    """Builds the elements that are wanted, and forgets all others."""

    def __init__(self, wanted: Container[str]) -> None:
        self._wanted = wanted
        self._builder: TreeBuilder | None = None
        self._within = 0  # elements of the one that is built
        self._depth = 0
        self._done: list[Element] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("damaged")
        name = tag.rpartition("}")[2]
        if self._builder is None and name in self._wanted:
            self._builder = TreeBuilder()
        if self._builder is not None:
            self._within += 1
            self._builder.start(name, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._builder is not None:
            self._within -= 1
            element = self._builder.end(tag.rpartition("}")[2])
            if not self._within:
                self._builder = None
                self._done.append(element)

    def write(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)

    def taken(self) -> list[Element]:
        done, self._done = self._done, []
        return done


def _refuse(*_about: object) -> None:
    raise Unreadable("damaged")
