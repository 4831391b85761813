"""Templates marketers and developers write, in Liquid or Jinja, rendered from data nobody has to trust."""

from rules.templating.compiled import Compiled, Rendered, check_template, compile_template, names_used
from rules.templating.errors import RenderError
from rules.templating.written import Written, written

__all__ = ["Compiled", "RenderError", "Rendered", "Written", "check_template", "compile_template", "names_used", "written"]
