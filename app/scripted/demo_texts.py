"""Texts of the Demo. Written by hand for this project."""

from .openai_chat import Source

STORY = """\
The lighthouse at Harrow Point had not needed a keeper for thirty years, but Ines kept it anyway.

Every evening she climbed the hundred and twelve steps with a thermos of tea, wiped the salt from \
the great lens, and wrote one line in the book: the wind, the sea, the ships. Nobody read the \
book. The lamp switched itself on and off, and a company in the city watched it through a wire.

One night in November the wire went quiet. Fog came in behind it, thick as wool, and the lamp did \
not wake. Ines listened. Far out, low and uncertain, a horn asked a question.

There was no power in the tower, so she carried up what she had: four storm lanterns, the mirror \
from her hallway, and the big brass bell that had belonged to her mother. She set the lanterns \
behind the lens and turned the mirror by hand, slowly, counting under her breath. Eight seconds \
dark. Two seconds bright. Between the flashes she rang the bell.

The horn answered, closer, then to the left, then, at last, safely past.

In the morning a fishing boat lay in the harbour with paint scraped from her side and all five of \
her crew asleep on the deck. Ines climbed the steps once more and opened the book.

"Fog," she wrote. "No wind. One ship." She thought for a moment, and added: "We saw each other.\""""

REASONING = """\
The person asks how the page shows reasoning. I am a script, so there is no reasoning to show; \
but this text arrives in the same field in which a reasoning model sends its thoughts. So I \
write a few lines here, pause as if I had considered them, and then answer."""

REASONED = """\
What you can open above this line came in the field for reasoning, this line came as the answer. \
A model that thinks before it speaks looks just like this; I only had it written down."""

HELP = """\
I am the Demo: a script, not a model. I speak the same wire format as a real provider, so what \
you see of me is how the page treats everyone. You can ask me for:

- `/reasoning` an answer with reasoning before it
- `/markdown` everything that an answer can be made of
- `/tools` calls of this page's tools; one of them waits for your approval
- `/tools fail` calls that go wrong, and how a model hears of it
- `/tool` a call of a tool that is not there
- `/sources` an answer that cites its sources
- `/retry` an answer that comes at the second attempt
- `/long 500` an answer of that many words
- `/error 401` an error at once: 400, 401, 403, 404, 429, 500 or 503
- `/error stream` an error in the middle of an answer that began well
- `/cut` a connection that breaks in the middle of an answer
- `/stall` an answer that stops coming, with the connection open
- `/help` this list

Or ask: What time is it? Or say: Write a short story about a lighthouse."""

GREETING = """\
I am the Demo: a script, not a model. You wrote `{said}`, and I cannot think about it: nobody \
reads it and it goes nowhere. What is real is the road these words take. They come as a stream of \
records, in the format that language models use, and appear as they arrive.

To talk to a model, choose one in the list of models, or enter the address of a provider. Write \
`/help` to see what I can show you without one."""

RAIN = """\
The sun warms the sea and the land, and water rises from them as vapour that nobody sees. High up \
it is cold, so the vapour gathers on specks of dust into droplets, and these make a cloud. When \
the droplets have run together and are too heavy for the air to hold, they fall, and we call it \
rain.

(I am the Demo, a script: this answer was written down before you asked.)"""

BOATS = """\
Second Breakfast, for a boat that leaves late.
Low Tide Promise, for one that always comes back.
Fern, for one that is green and does not talk much.

(I am the Demo, a script: these three are all I have.)"""

WEEKEND = """\
Bake something that takes all morning and fills the house with its smell. Walk out anyway, with \
good boots, to the place that you only know in sunshine. Write a letter on paper to somebody who \
does not expect one.

(I am the Demo, a script: it rains here every weekend, and I always say this.)"""

POEM = """\
The sea has nothing new to say\\
and says it well, and all the day.\\
It brings a plank, a shell, a shoe,\\
and takes the castle, and the view.

(I am the Demo, a script: I know one poem, and this is it.)"""

NOTE = """\
Dear neighbour,

Thank you for taking in the parcel, and for not asking why it hummed. The plums are from our tree. \
Come by when you hear the kettle.

(I am the Demo, a script: somebody else wrote this, to somebody else.)"""

# Words of the questions that the page suggests, and what is answered.
SUGGESTED = {
    "lighthouse": STORY,
    "rain in three sentences": RAIN,
    "small boat": BOATS,
    "rainy weekend": WEEKEND,
    "poem about the sea": POEM,
    "thank-you note": NOTE,
}

TOOL_CALL = """\
This is what it looks like when a model asks for a tool. There is none of this name here, so \
nothing is run."""
TOOL_NAME = "lamp_range"
TOOL_ARGUMENTS = '{"lighthouse": "Harrow Point", "unit": "nautical miles"}'

BROKEN_OFF = """\
This answer begins well enough, and you can read it while it comes. Then something happens to it \
on the way"""

LONG_OPENING = "You asked for {count} words, so here they are, counted."
LONG_SENTENCES = (
    "A stream is only a letter that is posted while it is being written.",
    "Each word leaves alone and arrives next to its neighbours.",
    "The page draws what it has, and never draws it twice.",
    "If you scroll up now, the text below goes on without you.",
    "If you press Stop, the sender hears of it and falls silent.",
    "Nothing in these sentences was thought of today.",
)

CITING = """\
Water rises from the sea as vapour, gathers to clouds and falls as rain; people have drawn this \
circle for centuries. (I am the Demo, a script: I cite what stands below, and read none of it.)"""
SOURCES = (
    Source("https://example.org/water-cycle", "The water cycle, drawn by hand"),
    Source("https://example.net/clouds?from=demo", "How a cloud is made"),
    Source("https://example.org/water-cycle", "The water cycle, drawn by hand"),
)

RETRIED = """\
This was the second attempt. The first one was refused as if too many people had asked, with a \
wish to be left alone for a few seconds; the page counted them down and asked again by itself."""

TOOLS_REASONING = """\
The person wants to see tools. Two calls can be made at the same time: one tells the time and \
harms nobody, the other rolls dice, and before that the page should ask."""
TOOLS_CALL = "I ask this page for two things at once: the time, and two dice."
TOOLS_FAIL = "I ask for a division by zero, and for a tool that does not exist."
TIME_CALL = "I am a script and have no clock, but this page has a tool for that."
FILES_CALL = (
    "I am a script and understand nothing, but I can have your words looked up in your files."
)
FILES_FOUND = """\
A model would now read these places, and answer with what stands there. Each opens with a press:

{places}

I am the Demo, a script: I only hand on where your words were found."""
# What the script runs over the page's sample files.
CELL_CALL = """\
I am a script: I understand nothing, and know this sample file by its name alone. A model would \
write Python like this, and read what comes of it."""
CELLS = {
    "sales.csv": """\
import csv
from collections import Counter
from IPython.display import SVG, display

takings = Counter()
with open("sales.csv", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        takings[row["date"][:7]] += int(row["cups"]) * float(row["price"])
most = max(takings.values())
bars = ""
for at, (month, sum_of_it) in enumerate(sorted(takings.items())):
    height = 160 * sum_of_it / most
    colour = "#b45309" if sum_of_it == most else "#94a3b8"
    bars += f'<rect x="{at * 40 + 4}" y="{170 - height:.0f}" width="32" height="{height:.0f}" '
    bars += f'fill="{colour}"/><text x="{at * 40 + 20}" y="188" font-size="12" '
    bars += f'text-anchor="middle" fill="#64748b">{month[5:]}</text>'
display(SVG(f'<svg xmlns="http://www.w3.org/2000/svg" width="480" height="196">{bars}</svg>'))
[{"month": month, "takings": round(sum_of_it)} for month, sum_of_it in takings.most_common()]""",
    "loans.db": """\
import sqlite3
from IPython.display import display

library = sqlite3.connect("loans.db")
library.row_factory = sqlite3.Row
display(library.execute(
    "SELECT readers.name AS reader, count(*) AS loans, round(avg(days), 1) AS days "
    "FROM loans JOIN readers ON readers.id = loans.reader GROUP BY reader ORDER BY loans DESC"
).fetchall())
library.execute(
    "SELECT books.title AS book, count(*) AS loans "
    "FROM loans JOIN books ON books.id = loans.book GROUP BY book ORDER BY loans DESC"
).fetchall()""",
}
NO_TOOLS = """\
I could show you how a model uses tools, but none is switched on. Press the button Tools below the \
message box, switch one on, and ask again."""
TOLD = """\
The tools answered, and a model would now put this into words:

{results}

I am the Demo, a script: I only hand on what came back."""

# The request to go on with an answer, and the Demo's reply to it.
GOES_ON = "go on exactly where it stopped"
REST = """\
: the line breaks, and nothing comes any more. Then you press Continue, the page asks for the \
rest, and the rest stands here. (A model would have gone on with its own sentence.)"""

RETRY_AFTER_S = 3
# code -> HTTP status, message, type and code as OpenAI sends them.
ERRORS: dict[str, tuple[int, str, str, str | None]] = {
    "400": (
        400,
        "This model reads at most 4096 tokens, and your messages are longer. (Played by the Demo.)",
        "invalid_request_error",
        "context_length_exceeded",
    ),
    "401": (
        401,
        "Incorrect API key provided. (Played by the Demo, which needs no key.)",
        "invalid_request_error",
        "invalid_api_key",
    ),
    "403": (
        403,
        "Your key does not allow this model. (Played by the Demo.)",
        "invalid_request_error",
        "permission_denied",
    ),
    "404": (
        404,
        "The model `gone` does not exist or you do not have access to it. (Played by the Demo.)",
        "invalid_request_error",
        "model_not_found",
    ),
    "429": (
        429,
        f"Rate limit reached; try again in {RETRY_AFTER_S} s. (Played by the Demo.)",
        "requests",
        "rate_limit_exceeded",
    ),
    "500": (
        500,
        "The server had an error while processing your request. (Played by the Demo.)",
        "server_error",
        None,
    ),
    "503": (
        503,
        "The engine is overloaded; please try again later. (Played by the Demo.)",
        "server_error",
        "overloaded",
    ),
}
