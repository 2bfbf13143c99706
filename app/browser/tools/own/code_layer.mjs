// Shows Python in a text field in colours, on a layer that lies behind the field. By hand because
// the layer has to have each character in the frame in which the field has it.

import { colourer } from "../../markdown/markdown_extras.mjs";

/** Colour what is typed from now on; the event "filled" says that a program has put text in. */
export async function colourField(field, layer) {
  const colour = await colourer();
  const refresh = () => {
    const nodes = colour(field.value);
    field.parentElement.toggleAttribute("data-coloured", Boolean(nodes));
    layer.replaceChildren(nodes ?? "");
    follow();
  };
  const follow = () => {
    layer.style.translate = `${-field.scrollLeft}px ${-field.scrollTop}px`;
  };
  field.addEventListener("input", refresh);
  field.addEventListener("filled", refresh);
  field.addEventListener("scroll", follow, { passive: true });
  refresh();
}
