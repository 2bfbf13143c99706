"""Small packages with the names that real ones have, and the lists that tell of them."""

import io
import zipfile
from collections.abc import Mapping
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.browser.tools.session.catalogue import PYPI_FILES


def wheel(project: str, version: str, source: str, *requires: str) -> bytes:
    """A wheel with one module of the project's name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = f"{project}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
        metadata += "".join(f"Requires-Dist: {one}\n" for one in requires)
        archive.writestr(f"{project}.py", source)
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return made.getvalue()


def with_files(lock: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Pyodide's list with the hashes of these files, by the names of packages, and no other need
    than those of them.
    """
    packages = dict(lock["packages"])
    for name, data in files.items():
        depends = [one for one in packages[name]["depends"] if one in files]
        packages[name] = packages[name] | {"sha256": digest(data), "depends": depends}
    return {**lock, "packages": packages}


def real_project(file: Path) -> dict[str, Any]:
    """What PyPI's JSON says of the project of a real wheel."""
    name, version = file.name.split("-")[:2]
    with zipfile.ZipFile(file) as archive:
        said = archive.read(f"{name}-{version}.dist-info/METADATA")
    requires = message_from_bytes(said).get_all("Requires-Dist") or []
    return project(name, version, file.read_bytes(), *requires, file_name=file.name)


def project(
    name: str, version: str, data: bytes, *requires: str, file_name: str = ""
) -> dict[str, Any]:
    """What PyPI's JSON says of a project with one release."""
    file_name = file_name or f"{name}-{version}-py3-none-any.whl"
    file = {
        "filename": file_name,
        "url": f"{PYPI_FILES}packages/{file_name}",
        "digests": {"sha256": digest(data)},
        "size": len(data),
        "yanked": False,
    }
    info = {"name": name, "version": version, "requires_dist": list(requires)}
    return {"info": info, "urls": [file], "releases": {version: [file]}}


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()
