// Colours code apart from the page; see highlighting.mjs.

import highlighter from "../../../vendor/highlight/highlight.js";

// Languages beside the common ones, each in a file of its own that is loaded when it is first met,
// with their further names: as in LANGUAGES of app/setup/page_files.py.
const FURTHER = {
  apache: "apacheconf", arduino: "ino", armasm: "arm", awk: "gawk", clojure: "clj edn", cmake: "",
  coffeescript: "coffee", crystal: "cr", dart: "", delphi: "pascal pas", django: "jinja jinja2",
  dockerfile: "docker containerfile", dos: "bat batch cmd", elixir: "ex exs", elm: "", erlang: "erl",
  fortran: "f90 f95", fsharp: "fs f#", gherkin: "feature", glsl: "", gradle: "", groovy: "",
  handlebars: "hbs", haskell: "hs", haxe: "hx", http: "https", julia: "jl", latex: "tex", lisp: "elisp",
  llvm: "", matlab: "octave", nginx: "nginxconf", nim: "", nix: "", ocaml: "ml", pgsql: "postgresql postgres",
  powershell: "pwsh ps ps1", prolog: "", properties: "dotenv env", protobuf: "proto", scala: "sbt", scheme: "scm",
  tcl: "", twig: "", vbscript: "vbs", verilog: "v sv", vhdl: "", vim: "viml", x86asm: "asm nasm",
};
const files = new Map(Object.entries(FURTHER).flatMap(([file, names]) => [file, ...names.split(" ")].map((name) => [name, file])));

highlighter.registerAliases(["vue", "svelte", "astro"], { languageName: "xml" });
highlighter.registerAliases(["jsonl", "ndjson"], { languageName: "json" });

/** Whether code in this language can be coloured, once what that needs is here. */
async function knows(language) {
  const file = files.get(language.toLowerCase());
  if (file && !highlighter.getLanguage(language)) {
    const { default: grammar } = await import(`../../../vendor/highlight/languages/${file}.js`);
    highlighter.registerLanguage(file, grammar);
    highlighter.registerAliases(FURTHER[file].split(" ").filter(Boolean), { languageName: file });
  }
  return Boolean(highlighter.getLanguage(language));
}

const coloured = (language, source) => highlighter.highlight(source, { language, ignoreIllegals: true }).value;

addEventListener("message", async ({ data: { language, source } }) => {
  if (source !== undefined) postMessage({ html: coloured(language, source) });
  else postMessage({ isKnown: await knows(language).catch(() => false) });
});

// How fast this computer is just now.
const SAMPLE = 'def watch(ships):\n    """Note them."""\n    return [f"{ship}: 1" for ship in ships]  # all\n'.repeat(20);
const began = performance.now();
coloured("python", SAMPLE);
postMessage({ took: performance.now() - began });
