"""The one place that names a metric. Counters of this process; what workers count is read from Redis at the scrape."""

from prometheus_client import Counter, Histogram

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)

DECISIONS = Counter("signpost_decisions_total", "Decisions answered.", ["workspace", "outcome", "release"])
DECIDE_SECONDS = Histogram("signpost_decide_seconds", "Time to answer a decide request.", buckets=SECONDS)
ACCEPT_SECONDS = Histogram("signpost_accept_seconds", "Time to accept a request of events.", buckets=SECONDS)
EVENTS = Counter("signpost_events_total", "Events by what became of them at the door.", ["workspace", "outcome"])
VIOLATIONS = Counter("signpost_event_violations_total", "Events whose properties do not fit their schema.", ["workspace", "event", "mode"])
DEGRADED = Counter("signpost_degraded_decisions_total", "Degraded answers by reason.", ["reason"])
CAPS_HIT = Counter("signpost_caps_hit_total", "Decisions whose only matching rules were capped.", ["workspace"])
TEMPLATE_ERRORS = Counter("signpost_template_errors_total", "Templates that failed to render.", ["workspace", "template"])
MISTYPED = Counter("signpost_mistyped_values_total", "Values of a wrong type, which count as missing, by name.", ["workspace", "name"])
UNREADABLE = Counter("signpost_unreadable_values_total", "Personal values that no key opened, which count as missing.", ["workspace"])
UNLOGGED = Counter("signpost_decisions_unlogged_total", "Decisions answered while the decision log could not be written.")
RELEASES_REFUSED = Counter(
    "signpost_releases_refused_total", "Releases that a process refused, by where they came from.", ["workspace", "source"]
)
