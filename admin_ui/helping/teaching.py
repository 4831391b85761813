"""What an empty list says: what would be in it, and how it gets there."""

from __future__ import annotations

TEACHES = {
    "placement": "A placement is a slot of your app: a banner, a line of text, a page. Its rules decide what is in it.",
    "rule": "A rule says who sees what. It needs a placement to be in and a template to show; add those first.",
    "template": "A template is what people see: a text with places for names, numbers and dates. Rules choose among templates.",
    "sampleuser": "Make up a person, such as a regular customer, and say what they should get. Rules and templates are tried on them.",
    "segment": "A segment is a group of users by conditions, such as big customers. Rules ask whether somebody is in it.",
    "tag": "A tag is a label that events give and take away, such as “bought in the last week”. Rules ask who has it.",
    "score": "A score adds several signals up to one number, such as an intent to buy, with names for high, medium and low.",
    "threshold": "A threshold is a number with a name, such as “a long look: ten minutes”. Change it once, and every rule compares anew.",
    "eventschema": "An event schema says what an event has to bring along. Events without one are taken as they come.",
    "purpose": "A purpose is what users agree to, such as advertising. Tags and rules can be only for those who did.",
    "signal": "A signal is a number kept for each user out of events, such as seconds on a page or orders in a month.",
    "trait": "A trait is what your app tells of a user: a first name, a plan, a city.",
    "contextattribute": "Context is what your app tells with each question: the device, the page, the weather.",
    "draft": "Whatever anybody changes and saves is their draft first and stands here until it is submitted, published or discarded.",
    "version": "Each draft that is submitted or published becomes a version, which never changes again.",
    "approval": "Where a workspace asks for four eyes, a second person looks at each version. What they said stands here.",
    "release": "A release is all that is live at a time. The first one is made by publishing a workspace.",
    "emergencyreview": "Who publishes in an emergency needs no approval before, but a review after. Those reviews stand here.",
    "auditevent": "Who did what, when and why. Nothing here can be changed or removed.",
    "decisionrecord": "Each answer that an app gets is kept, with the release, rule and template that made it.",
    "workspace": "A workspace is one app or site, with its own rules, users and keys.",
    "apikey": "An app asks with a key: a secret one for a server, a publishable one for a browser or a telephone.",
}
"""By the model's name in lower case; a model without an entry says nothing more than that there are none."""
