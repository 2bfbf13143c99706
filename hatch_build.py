"""Puts the files of the page into the wheel and the sdist (`tool.hatch.build.hooks.custom`).

They are in the folder that TOKENFALL_PAGE names, which `python3 -m tests --wheel` writes, or in
`page`, where an sdist has them. Without either the package is built without a page, as for those
who want the library alone.
"""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_IN_SDIST = "page"
_IN_WHEEL = "tokenfall/_page"


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        page = Path(os.environ.get("TOKENFALL_PAGE") or Path(self.root, _IN_SDIST))
        if version == "editable" or not (page / "index.html").is_file():
            return
        place = _IN_SDIST if self.target_name == "sdist" else _IN_WHEEL
        build_data["force_include"][str(page)] = place
