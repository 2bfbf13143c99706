"""Two pictures of the same page, compared point by point in a blank page of the same browser."""

import base64
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page

# Left, top, right, bottom, in points of the picture.
Box = Sequence[float]

_COMPARE = """
async ([pictures, boxes]) => {
  // A round corner is not always smoothed to the same shade of 256.
  const LITTLE = 4;
  const [before, after] = await Promise.all(pictures.map(async (picture) => {
    const bytes = await (await fetch(`data:image/png;base64,${picture}`)).blob();
    const image = await createImageBitmap(bytes);
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return canvas.getImageData(0, 0, image.width, image.height);
  }));
  // Nearly all are the same, which is seen at a glance.
  const [was, is] = [before, after].map(({ data }) => new Uint32Array(data.buffer));
  const found = [];
  let count = 0;
  for (let y = 0; y < before.height; y++) {
    for (let x = 0; x < before.width; x++) {
      const place = y * before.width + x;
      if (was[place] === is[place]) continue;
      const at = 4 * place;
      const isSame = (part) => Math.abs(before.data[at + part] - after.data[at + part]) <= LITTLE;
      if ([0, 1, 2].every(isSame)) continue;
      count++;
      const isIn = ([left, top, right, bottom]) => x >= left && x < right && y >= top && y < bottom;
      if (!boxes.some(isIn)) found.push([x, y]);
    }
  }
  return [count, found];
}
"""


def differing(
    page: Page, before: bytes, after: bytes, boxes: Sequence[Box]
) -> tuple[int, list[Any]]:
    """Count the points that differ between the pictures, and list those in none of the boxes."""
    blank = next((one for one in page.context.pages if one.url == "about:blank"), None)
    if not blank:
        blank = page.context.new_page()
        page.bring_to_front()
    pictures = [base64.b64encode(one).decode() for one in (before, after)]
    count, outside = blank.evaluate(_COMPARE, [pictures, [list(box) for box in boxes]])
    return count, outside
