"""Names of files, made of what a model or a stranger wrote. Pure.

No system takes one that leaves the page for a program, a device, a folder's own settings or another
file than it is.
"""

import re
from mimetypes import guess_type
from unicodedata import category, normalize

# Kinds of text that people save to edit. Missing on purpose: what is there to be run by a double
# click (.bat, .cmd, .vbs, .wsf, .hta, .reg, .scr, .lnk, .url, .desktop, .command, .jar) and what a
# folder obeys (.inf). Windows may run .js and .py too; those are wanted, and browsers warn.
_SUFFIXES = """
    adoc asm astro bib c cc cfg clj cljs cmake coffee conf cpp cs css csv cxx d dart diff
    dockerfile elm env erl ex exs f90 fs fsx gd glsl go gql gradle graphql groovy h haml hbs hcl
    hpp hrl hs htm html hxx ini ipynb java jl js json json5 jsonc jsonl jsx kt kts less lisp log
    lua m mat md mdx mjs cjs mk ml mli mm nim nix ndjson org pas patch php pl pm proto ps1 psd1
    psm1 pug py pyi pyx qml r rb rkt rmd rs rst sass scala scm scss sh sol sql srt styl sv svelte
    svg swift tcl tex tf toml ts tsv tsx txt v vb vhd vhdl vtt vue wat wgsl xml xsl yaml yml zig
    zsh bash fish
"""
SUFFIXES = frozenset(_SUFFIXES.split())
# Kinds of data that no system runs. Missing on purpose: documents that hold macros (.xlsm), pages
# of help (.chm), and all that installs something.
_DATA = """
    7z arrow avif avro bmp bz2 db docx duckdb epub feather flac geojson gif gz h5 hdf5 ico jpeg jpg
    joblib kml m4a mid mp3 mp4 nc npy npz odp ods odt ogg onnx orc parquet pdf pkl png pptx pt
    safetensors shp sqlite sqlite3 tar tgz tif tiff ttf wav webm webp woff woff2 xlsx xz zip zst
"""
DATA_SUFFIXES = SUFFIXES | frozenset(_DATA.split())
# What may stand before the suffix with a dot of its own: `vite.config.js`, `app.test.ts`. Any
# other dot could make a name that looks like another kind of file: `invoice.pdf.py`.
_INNER = frozenset(
    ("config", "spec", "test", "tests", "min", "d", "module", "stories", "override", "dev", "prod")
    + ("local", "example", "setup", "tar")
)
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|CLOCK\$|(?:COM|LPT)[0-9¹²³])", re.I)
# Files that change what the folder is in which they lie.
_OF_FOLDERS = frozenset({"autorun", "desktop", "thumbs", "folder"})
_BARRED = re.compile(r'[<>:"|?*%`$~\x00-\x1f]+')
_EDGES = " ._-'"
_CHARACTERS = 60
_PATH_CHARACTERS = 120
# Of UTF-8, the suffix apart: file systems take 255 bytes.
_BYTES = 180


def safe_file_name(name: str, otherwise: str = "file", suffixes: frozenset[str] = SUFFIXES) -> str:
    """Clean a name of what is dangerous or deceiving in it; one of another kind than those with
    these suffixes becomes text.
    """
    last = re.split(r"[/\\]", _plain(name).strip())[-1]
    *pieces, suffix = last.rstrip(_EDGES).split(".") if "." in last else [last, ""]
    known = suffix.lower() in suffixes
    if not known:
        pieces.append(suffix)
    stem, inner = pieces[0], pieces[1:]
    while known and inner and inner[-1].lower() in _INNER:
        suffix = f"{inner.pop()}.{suffix}"
    stem = "-".join(filter(None, [stem, *inner]))
    return f"{safe_stem(stem, otherwise)}.{suffix if known else 'txt'}"


def safe_stem(text: str, otherwise: str = "file") -> str:
    """A name before its suffix: short, on one line, of no meaning to any system."""
    clean = re.sub(r"[./\\]+", "-", _BARRED.sub("-", _plain(text)))
    stem = " ".join(clean.split()).strip(_EDGES)[:_CHARACTERS]
    stem = stem.encode()[:_BYTES].decode(errors="ignore").strip(_EDGES)
    if _DEVICE.fullmatch(stem) or stem.lower() in _OF_FOLDERS:
        return f"{otherwise}-{stem}"
    return stem or otherwise


def name_in_folder(name: str) -> str:
    """A name for the folder of a session: as it is, but for what is a step of a path, hides a file
    or can't be seen. Of a very long one the end stays, which says what kind it is.
    """
    seen = "".join(letter if letter.isprintable() else "_" for letter in name[-_PATH_CHARACTERS:])
    return re.sub(r"[/\\:]|^\.", "_", seen)


def type_by_name(name: str) -> str:
    """Give the media type that a file's name, or the path of an address, tells; "" for none."""
    # The last part alone: Python takes names for addresses, and raises where one is damaged.
    return guess_type(name.rpartition("/")[2])[0] or ""


def _plain(text: str) -> str:
    """One form of each letter (a full-width dot is a dot), without letters that hide or turn."""
    # Letter by letter: to put a run of marks in order takes time that grows with its square.
    forms = (normalize("NFKC", letter) for letter in text)
    return "".join(_shown(character) for form in forms for character in form)


def _shown(character: str) -> str:
    kind = category(character)
    return " " if kind in ("Cc", "Zl", "Zp", "Zs") else "" if kind.startswith("C") else character
