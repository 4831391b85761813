"""Templates marketers and developers write, in Liquid or Jinja, rendered from data nobody has to trust."""

from rules.templating.compiled import Compiled, Rendered, check_template, compile_template, names_used
from rules.templating.errors import RenderError

__all__ = ["Compiled", "RenderError", "Rendered", "check_template", "compile_template", "names_used"]
