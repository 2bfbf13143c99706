"""The site as an installed package carries it: its files in a folder, made at the build.

They belong together and never change, so nothing is bundled, checked for edits or fetched. The
tab's Python and its standard library lie in them uncompressed, as the package itself is compressed,
and so is what is sent.
"""

from pathlib import Path

from .files import MEDIA_TYPES, Asset
from .site import Site, is_immutable


class PackedSite:
    """The assets by their paths, which have no leading slash. May be used from several threads."""

    def __init__(self, folder: Path) -> None:
        files = (file for file in folder.rglob("*") if file.suffix in MEDIA_TYPES)
        self._files = {file.relative_to(folder).as_posix(): file for file in files}
        self._files[""] = self._files["index.html"]
        self._read: dict[str, Asset] = {}

    def find(self, path: str) -> Asset | None:
        """Give the asset at this path, None where there is none."""
        file = self._files.get(path)
        if file is None:
            return None
        if path not in self._read:
            immutable = is_immutable(path)
            self._read[path] = Asset.of(file.read_bytes(), file.suffix, immutable=immutable)
        return self._read[path]


def pack(root: Path, runtime: Path, folder: Path) -> None:
    """Write the assets of the site of these folders to a folder, for `PackedSite`."""
    site = Site(root, runtime, stored=True)
    for path in site.paths():
        asset = site.find(path)
        assert asset is not None, path
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(asset.body)
