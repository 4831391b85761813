"""python-liquid, hardened: every limit it has is set, and only the tags and filters of the lists exist."""

from __future__ import annotations

from liquid import Environment
from liquid.builtin import content
from liquid.builtin.tags import assign_tag, case_tag, comment_tag, for_tag, if_tag, inline_comment_tag, unless_tag

from rules.templating import limits
from rules.templating.liquid_filters import FILTERS
from rules.templating.liquid_parts import KeepTag, Missing, PrintTag, Refused, RepeatTag, guarded

TAGS = (
    content.Literal,
    PrintTag,
    assign_tag.AssignTag,
    KeepTag,
    case_tag.CaseTag,
    comment_tag.CommentTag,
    inline_comment_tag.InlineCommentTag,
    RepeatTag,
    for_tag.BreakTag,
    for_tag.ContinueTag,
    if_tag.IfTag,
    unless_tag.UnlessTag,
)


class HardenedEnvironment(Environment):
    """Every limit that python-liquid has, set; and only the tags and filters of the lists."""

    block_nesting_limit = limits.BLOCKS
    context_depth_limit = 10
    loop_iteration_limit = limits.ITERATIONS
    local_namespace_limit = limits.VARIABLES
    output_stream_limit = limits.OUTPUT
    # A block of blanks is printed like any other: what stands where in the HTML must not depend on it.
    suppress_blank_control_flow_blocks = False

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in (*TAGS, Refused):
            self.add_tag(tag)
        for name, function in FILTERS.items():
            self.add_filter(name, guarded(function))


ENVIRONMENT = HardenedEnvironment(autoescape=True, undefined=Missing)
