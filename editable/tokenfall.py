"""What `pip install -e .` puts on the path: the package `tokenfall`, read from the folder `app`.

Installed otherwise, the wheel has the folder under that name. An import gives what stands in
`sys.modules` when this file has run, so the package takes this file's place there.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_package = Path(__file__).resolve().parents[1] / "app"
_spec = spec_from_file_location(
    __name__, _package / "__init__.py", submodule_search_locations=[str(_package)]
)
assert _spec is not None
assert _spec.loader is not None
sys.modules[__name__] = module_from_spec(_spec)
_spec.loader.exec_module(sys.modules[__name__])
