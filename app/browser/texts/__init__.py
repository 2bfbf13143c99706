"""What Python says in the page, in one place: `texts.COPY`, `texts.deleted(2)`. What stands in the
page from the start is in index.html.

Constants by the part of the page that says them; a small function where words depend on a number.
Pure.
"""

from .answers import *
from .chats import *
from .composer import *
from .consent import *
from .figures import *
from .frame import *
from .models import *
from .network import *
from .notices import *
from .own_tools import *
from .settings import *
from .times import *
from .tools import *
