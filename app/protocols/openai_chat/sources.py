"""Citations of an answer, and the images in it."""

from collections.abc import Iterator
from typing import Any

from ...core.messages import File, Source
from ..tolerant import as_dict, as_int, as_list, as_str


def annotated(annotations: Any) -> Iterator[Source]:
    """The sources of an answer in OpenAI's form."""
    for item in as_list(annotations):
        fields = as_dict(item)
        citation = as_dict(fields.get("url_citation")) or fields
        if url := as_str(citation.get("url")):
            yield Source(
                url,
                as_str(citation.get("title")),
                as_str(citation.get("content")),
                as_int(citation.get("start_index")),
                as_int(citation.get("end_index")),
            )


def found(results: Any) -> Iterator[Source]:
    """The lists of Zhipu's search and of Alibaba's, with their own name for the address."""
    for item in as_list(results):
        fields = as_dict(item)
        if url := as_str(fields.get("url")) or as_str(fields.get("link")):
            yield Source(url, as_str(fields.get("title")), as_str(fields.get("content")))


def cited(citations: Any, search_results: Any) -> Iterator[Source]:
    """Perplexity's lists: addresses in the one, their titles in the other."""
    results = [as_dict(item) for item in as_list(search_results)]
    titles = {as_str(item.get("url")): as_str(item.get("title")) for item in results}
    urls = [as_str(item) or as_str(as_dict(item).get("url")) for item in as_list(citations)]
    for url in urls or titles:
        if url:
            yield Source(url, titles.get(url, ""))


def images_of(images: Any) -> Iterator[File]:
    """OpenRouter's form of images in an answer, and those of gateways that speak like it."""
    for item in as_list(images):
        fields = as_dict(item)
        image = fields.get("image_url") or fields.get("imageUrl") or fields.get("url") or item
        if data := as_str(fields.get("b64_json")):
            kind = as_str(fields.get("media_type")) or "image/png"
            image = f"data:{kind};base64,{data}"
        if url := as_str(image) or as_str(as_dict(image).get("url")):
            yield File(url)
