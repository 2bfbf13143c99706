// The contestants in the tab. All get the same chunks, and those that receive get them from the
// same kind of stream.

import { createParser } from "eventsource-parser";
import OpenAI from "openai";
import { openBytePump } from "/app/browser/net/pump.mjs";
import { loadPyodide } from "/vendor/pyodide/pyodide.mjs";

const pyodide = await loadPyodide({ packages: ["app"] });
pyodide.registerJsModule("tokenfall_page", { openBytePump });
pyodide.FS.writeFile("ours.py", await (await fetch("/ours.py")).text());
const ours = pyodide.pyimport("ours");

export const versions = {
  Pyodide: pyodide.version,
  "Python in the tab": pyodide.runPython("import platform; platform.python_version()"),
};

// By key: {chunks, bytes}, the chunks in JavaScript, and the same brought over to Python.
const loaded = new Map();

/** Get a stream and cut it into chunks of these lengths; `run` knows them by `key`. */
export async function load(key, url, lengths) {
  const data = new Uint8Array(await (await fetch(url)).arrayBuffer());
  let start = 0;
  const chunks = lengths.map((length) => data.slice(start, (start += length)));
  loaded.set(key, { chunks, bytes: ours.to_bytes(chunks) });
}

let contestant;
let result;

/** Let one contestant decode. From outside, this whole call is timed. */
export async function run(name, key) {
  contestant = contestants[name];
  result = await contestant.read(loaded.get(key));
}

/** Give as JSON what the last one understood. */
export const answer = () => contestant.answer(result);

const contestants = {
  "ours in hand": {
    read: ({ bytes }) => ours.decode(bytes),
    answer: ourAnswer,
  },
  "ours received": {
    read: ({ chunks }) => ours.receive(stream(chunks)),
    answer: ourAnswer,
  },
  "eventsource-parser in hand": {
    read({ chunks }) {
      const parsing = new Parsing();
      for (const chunk of chunks) parsing.feed(chunk);
      return parsing.answer;
    },
    answer: JSON.stringify,
  },
  "eventsource-parser received": {
    async read({ chunks }) {
      const parsing = new Parsing();
      const reader = stream(chunks).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return parsing.answer;
        parsing.feed(value);
      }
    },
    answer: JSON.stringify,
  },
  "openai received": {
    async read({ chunks }) {
      const answer = new Answer();
      const client = new OpenAI({
        apiKey: "none",
        baseURL: "http://localhost/v1",
        dangerouslyAllowBrowser: true,
        fetch: async () => new Response(stream(chunks), { headers: EVENT_STREAM }),
      });
      const request = { model: "m", messages: [], stream: true };
      for await (const chunk of await client.chat.completions.create(request)) answer.add(chunk);
      return answer;
    },
    answer: JSON.stringify,
  },
};

const EVENT_STREAM = { "content-type": "text/event-stream" };

/** A body whose chunks are there whenever they are asked for. */
function stream(chunks) {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      if (next < chunks.length) controller.enqueue(chunks[next++]);
      else controller.close();
    },
  });
}

function ourAnswer(message) {
  const answer = ours.answer(message);
  message.destroy();
  return answer;
}

/** The least that reads such a stream in JavaScript: nothing is checked, nothing is mended. */
class Parsing {
  answer = new Answer();
  #utf8 = new TextDecoder();
  #parser = createParser({
    onEvent: ({ data }) => {
      if (data !== "[DONE]") this.answer.add(JSON.parse(data));
    },
  });

  feed(chunk) {
    this.#parser.feed(this.#utf8.decode(chunk, { stream: true }));
  }
}

/** What users of either library write: they get chunks, and put the answer together themselves. */
class Answer {
  text = "";
  reasoning = "";
  tool_calls = [];
  finish_reason = null;
  input_tokens = null;
  output_tokens = null;

  add({ choices, usage }) {
    if (usage) {
      this.input_tokens = usage.prompt_tokens;
      this.output_tokens = usage.completion_tokens;
    }
    for (const { delta, finish_reason } of choices) {
      if (delta.content) this.text += delta.content;
      else if (delta.reasoning_content) this.reasoning += delta.reasoning_content;
      if (delta.tool_calls) {
        for (const { index, id, function: called } of delta.tool_calls) {
          const call = (this.tool_calls[index] ??= [id, called.name, ""]);
          call[2] += called.arguments;
        }
      }
      if (finish_reason) this.finish_reason = finish_reason;
    }
  }
}
