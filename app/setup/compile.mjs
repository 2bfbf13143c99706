// Rewrites a zip file of Python modules with the modules compiled, so that the interpreter
// in the tab need not do it at every start. Pyodide does it itself, because byte code fits
// only the version that made it.
//
//   node compile.mjs PYODIDE_FOLDER SOURCE.zip OUTPUT.zip

import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, source, output] = process.argv.slice(2);

const COMPILE = `
import importlib.util
import marshal
import sys
import zipfile

# One date for all entries, so that the same input gives the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
# PEP 552: a hash instead of a date, and flags that say "never compare with a source".
UNCHECKED_HASH = (1).to_bytes(4, "little")

# Where the interpreter in the tab has its library, which it reads from the zip file, and packages:
# the paths in its tracebacks. A comment of an entry is a module's path among the packages.
HOME = f"/lib/python{sys.version_info[0]}{sys.version_info[1]}.zip/"
PACKAGES = f"/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/"

def compiled(entry, source):
    path = PACKAGES + entry.comment.decode() if entry.comment else HOME + entry.filename
    code = compile(source, path, "exec", dont_inherit=True)
    head = importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source)
    return head + marshal.dumps(code)

with zipfile.ZipFile("/source.zip") as source, zipfile.ZipFile("/compiled.zip", "w") as target:
    for entry in source.infolist():
        name, data = entry.filename, source.read(entry)
        if name.endswith(".py"):
            name, data = name + "c", compiled(entry, data)
        target.writestr(zipfile.ZipInfo(name, DATE), data, zipfile.ZIP_DEFLATED, 9)
`;

const module = pathToFileURL(resolve(pyodideFolder, "pyodide.mjs"));
const { loadPyodide } = await import(module.href);
// Without the columns of what a line does: a traceback points at them only where it has the source,
// which the tab has not. It makes a fifth of the byte code.
const pyodide = await loadPyodide({ env: { PYTHONNODEBUGRANGES: "1" } });
pyodide.FS.writeFile("/source.zip", await readFile(source));
pyodide.runPython(COMPILE);
await writeFile(output, pyodide.FS.readFile("/compiled.zip"));
