"""The built-in model with a stand-in for its engine; see `fake_engine/xllamacpp.py`."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

from app.native.local_model import Prepare
from app.setup.model import ModelFiles, ModelProgress

_ENGINE = Path(__file__).with_name("fake_engine")


def prepared(folder: Path, **orders: object) -> Prepare:
    """A finished set-up whose "weights" are these orders to the engine."""
    weights = folder / "weights.json"
    weights.write_text(json.dumps(orders), "utf-8")

    def prepare(
        runtime: Path, report: Callable[[ModelProgress], None], *, cancel: threading.Event
    ) -> ModelFiles:
        return ModelFiles(weights, _ENGINE)

    return prepare
