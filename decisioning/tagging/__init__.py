"""The pure core that turns events into what is known of a user: (definitions, state, event) -> state, and what conditions read of it."""

from decisioning.tagging.aliases import is_settled
from decisioning.tagging.changes import Change
from decisioning.tagging.definitions import Definitions, compile_definitions
from decisioning.tagging.describe import describe, template_data
from decisioning.tagging.event import Event
from decisioning.tagging.facts import Facts, facts
from decisioning.tagging.fold import fold
from decisioning.tagging.folded import Folded
from decisioning.tagging.identity import CONTROL, asking
from decisioning.tagging.state import BrokenState, UnknownStateSchema, UserState, decode_state, encode_state, new_state
from decisioning.tagging.supposed import Supposed, supposed
from decisioning.tagging.timers import advance, due

__all__ = [
    "CONTROL",
    "BrokenState",
    "Change",
    "Definitions",
    "Event",
    "Facts",
    "Folded",
    "Supposed",
    "UnknownStateSchema",
    "UserState",
    "advance",
    "asking",
    "compile_definitions",
    "decode_state",
    "describe",
    "due",
    "encode_state",
    "facts",
    "fold",
    "is_settled",
    "new_state",
    "supposed",
    "template_data",
]
