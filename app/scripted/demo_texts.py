"""What the Demo says. Written by hand for this project."""

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

/reasoning        an answer with reasoning before it
/tool             a tool call, which nobody runs
/long 500         an answer of that many words
/error 401        an error at once: 400, 401, 403, 404, 429, 500 or 503
/error stream     an error in the middle of an answer that began well
/cut              a connection that breaks in the middle of an answer
/stall            an answer that stops coming, with the connection open
/help             this list

Or say: Write a short story about a lighthouse."""

GREETING = """\
I am the Demo: a script, not a model. You wrote "{said}", and I cannot think about it: nobody \
reads it and it goes nowhere. What is real is the road these words take. They come as a stream of \
records, in the format that language models use, and appear as they arrive.

To talk to a model, choose one in the list of models, or enter the address of a provider. Write \
/help to see what I can show you without one."""

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

# Words of the questions that the page suggests, and what is answered.
SUGGESTED = {
    "lighthouse": STORY,
    "rain in three sentences": RAIN,
    "small boat": BOATS,
    "rainy weekend": WEEKEND,
}

TOOL_CALL = """\
This is what it looks like when a model asks for a tool. Nothing was run: I am the Demo, a \
script, and there is no tool of this name here."""
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
