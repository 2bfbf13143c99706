// The events on standard input, one a line, by the schemas of AG-UI's own package. Told as JSON: all kinds
// of event that it knows, and what it finds wrong.
import { readFileSync } from "node:fs";
import { EventType } from "@ag-ui/core";
import { EventSchemas } from "@ag-ui/core/schemas";

const wrong = [];
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const { success, error } = EventSchemas.safeParse(JSON.parse(line));
  if (!success) wrong.push([line, error.issues]);
}
console.log(JSON.stringify({ kinds: Object.values(EventType), wrong }));
