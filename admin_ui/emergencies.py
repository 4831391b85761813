"""What publishing in an emergency does about four eyes, in words: before it as a consequence, after it as what is still owed."""

from __future__ import annotations

ROUND = (
    "This goes round four eyes once: they stay on for everything after it. The release says for ever that it was an emergency, and a "
    "banner stays on every page until somebody has reviewed it who neither published it nor wrote what it brings unapproved. "
    "You can't review it yourself."
)
OWED = "It went round four eyes, which stay on for all else. Somebody else has to review it: until then a banner stays on every page."
