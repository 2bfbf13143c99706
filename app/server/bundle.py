"""The tab's Python: our own code as one wheel, and the lock file that tells Pyodide of it.

The wheel is the same bytes for the same sources, and its URL carries its hash; so a changed
source is a new URL, and nothing stale can be loaded.
Source: PEP 427 (the wheel format) and the `pyodide-lock.json` of pyodide 314.0.7.
"""

import io
import json
import re
import zipfile
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..setup.errors import SetupError
from ..setup.page_files import Records
from ..setup.tab_sources import APART, COMPILED, compiled_name, read_sources, read_sources_apart

# Packages that the page loads when it first needs them; all other wheels come with the app.
ON_DEMAND = frozenset({"chardet", "pypdf", *APART})

_LOCK_FOLDER_TO_ROOT = "../../"
# The earliest time that a zip file can hold.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel as it is served: `path` is its URL, relative to the site."""

    name: str
    version: str
    path: str
    data: bytes
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files that Pyodide loads besides itself."""

    wheels: tuple[Wheel, ...]
    lock: bytes


class Bundler:
    """Builds the bundle when it is asked for, anew only where a source has changed.

    `root` is the folder that holds `app`, `runtime` what the set-up has prepared. With `stored` our
    own wheels are not compressed, for who compresses them whole: that makes them a fifth smaller.
    """

    def __init__(self, root: Path, runtime: Path, *, stored: bool = False) -> None:
        self._compression = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        self._root = root
        self._runtime = runtime
        self._records = Records(runtime)
        self._fingerprint = b""
        self._bundle = Bundle((), b"")

    def current(self) -> Bundle:
        """Give the bundle of the sources as they are now.

        Raises:
            SetupError: The set-up has not prepared Pyodide and the tab's wheels.
        """
        sources = read_sources(self._root)
        apart = read_sources_apart(self._root)
        compiled = self._compiled(sources)
        others = {path.name: self._checked(path) for path in self._runtime.glob("tab/*.whl")}
        if not others:
            raise SetupError(f"{self._runtime} holds no wheels for the tab: run serve.py once")
        fingerprint = _fingerprint(
            sources | compiled | others,
            *apart.values(),
        )
        if fingerprint != self._fingerprint:
            info = json.loads(self._pyodide_lock())["info"]
            tab = [_served(name, data) for name, data in sorted(others.items())]
            left = {name: data for name, data in sources.items() if f"{name}c" not in compiled}
            version = _version(sources)
            how = self._compression
            own = build_wheel(left | compiled, version, compression=how)
            workers = (
                build_wheel(files, version, name, compression=how) for name, files in apart.items()
            )
            wheels = (own, *workers, *tab)
            self._bundle = Bundle(wheels, _lock(info, wheels))
            self._fingerprint = fingerprint
        return self._bundle

    def _compiled(self, sources: dict[str, bytes]) -> dict[str, bytes]:
        """Give the set-up's byte code of these sources, by its names in the wheel, where it takes
        the place of the source: half the files, which the tab unpacks at each start.

        The tab compiles missing ones, so an edit shows at once.
        """
        archive = self._runtime / COMPILED
        if not archive.is_file():
            return {}
        with zipfile.ZipFile(io.BytesIO(self._checked(archive))) as modules:
            made = set(modules.namelist())
            return {
                f"{name}c": modules.read(compiled_name(source))
                for name, source in sources.items()
                if compiled_name(source) in made
            }

    def _checked(self, file: Path) -> bytes:
        """The bytes of a file, as the set-up left them there."""
        data = file.read_bytes()
        self._records.check(file, sha256(data).hexdigest())
        return data

    def _pyodide_lock(self) -> bytes:
        try:
            return self._checked(self._runtime / "npm/node_modules/pyodide/pyodide-lock.json")
        except FileNotFoundError as error:
            raise SetupError(f"{self._runtime} holds no Pyodide: run serve.py once") from error


def _version(sources: dict[str, bytes]) -> str:
    """The version of `app`.

    Raises:
        ValueError: `app/__init__.py` names none.
    """
    match = re.search(rb'^__version__ = "([^"]+)"', sources["app/__init__.py"], re.MULTILINE)
    if match is None:
        raise ValueError('app/__init__.py has no line __version__ = "…"')
    return match[1].decode("ascii")


def build_wheel(
    files: dict[str, bytes],
    version: str,
    name: str = "app",
    *,
    compression: int = zipfile.ZIP_DEFLATED,
) -> Wheel:
    """Pack these files, by their names in the wheel, as a package of this name."""
    name = name.replace("-", "_")
    info = f"{name}-{version}.dist-info"
    files = dict(sorted(files.items()))
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files[f"{info}/METADATA"] = about.encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: app\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = [f"{path},sha256={_record_hash(data)},{len(data)}\n" for path, data in files.items()]
    files[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"]).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, data in files.items():
            archive.writestr(_zip_entry(path), data, compression)
    return _served(f"{name}-{version}-py3-none-any.whl", packed.getvalue())


def uncompressed(archive: bytes) -> bytes:
    """The same zip file, its entries uncompressed, for who compresses it whole."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as given, zipfile.ZipFile(packed, "w") as made:
        for entry in given.infolist():
            made.writestr(entry, given.read(entry), zipfile.ZIP_STORED)
    return packed.getvalue()


def _served(file_name: str, data: bytes) -> Wheel:
    name, version = file_name.split("-")[:2]
    path = f"wheels/{sha256(data).hexdigest()[:12]}/{file_name}"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tops = {entry.partition("/")[0] for entry in archive.namelist()}
    modules = sorted(top for top in tops if not top.endswith((".dist-info", ".data")))
    return Wheel(name.replace("_", "-").lower(), version, path, data, tuple(modules))


def _lock(info: object, wheels: tuple[Wheel, ...]) -> bytes:
    others = [wheel.name for wheel in wheels if wheel.name not in ("app", *ON_DEMAND)]
    packages = {
        wheel.name: {
            "name": wheel.name,
            "version": wheel.version,
            "file_name": _LOCK_FOLDER_TO_ROOT + wheel.path,
            "install_dir": "site",
            "sha256": sha256(wheel.data).hexdigest(),
            "package_type": "package",
            "imports": [] if wheel.name in APART else wheel.modules,
            "depends": others if wheel.name == "app" else [],
            "unvendored_tests": False,
        }
        for wheel in wheels
    }
    return json.dumps({"info": info, "packages": packages}, separators=(",", ":")).encode()


def _fingerprint(*groups: dict[str, bytes]) -> bytes:
    digest = sha256()
    for name, data in (item for files in groups for item in sorted(files.items())):
        digest.update(f"{name} {len(data)}\n".encode())
        digest.update(data)
    return digest.digest()


def _record_hash(data: bytes) -> str:
    return urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode("ascii")


def _zip_entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
    # Python writes the platform here, and with it other bytes on Windows than elsewhere.
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry
