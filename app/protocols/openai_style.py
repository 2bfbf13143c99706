"""Common ground of servers in OpenAI's style beside the form of an answer: key and list of
models.
"""

from .tolerant import as_dict, as_list, as_str, values

MODELS_PATH = "/models"


def authorization(key: str) -> dict[str, str]:
    """The headers that carry the key."""
    return {"authorization": f"Bearer {key}"}


def parse_models(body: bytes) -> list[str]:
    """Return the model ids of a list of models, in its order; empty where it holds none."""
    parsed, _ = values(body)
    listing = parsed[0] if parsed else None
    entries = as_list(listing) or as_list(as_dict(listing).get("data"))
    entries = entries or as_list(as_dict(listing).get("models"))
    ids = (as_str(as_dict(entry).get("id") or as_dict(entry).get("name")) for entry in entries)
    return [model for model in ids if model]
