"""`{% kept has_versions %}…{% endkept %}`: a part of a page that is the same for everybody, rendered once.

It knows the named variables and no others, so that nothing of one person comes to the next. It is rendered anew for
each language, each path prefix of the site, and all values of the variables, of which there must be few.
"""

from collections.abc import Sequence
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST = 50
"""Renderings that one part keeps."""


class KeptNode(template.Node):
    def __init__(self, nodes: NodeList, variables: Sequence[FilterExpression]) -> None:
        self.nodelist = nodes
        self.variables = variables
        self.texts: dict[Any, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        values = {variable.token: variable.resolve(context) for variable in self.variables}
        if settings.DEBUG:
            return self.nodelist.render(context.new(values))
        key = get_language(), get_script_prefix(), *values.values()
        if key not in self.texts:
            if len(self.texts) >= MOST:
                self.texts.clear()
            self.texts[key] = self.nodelist.render(context.new(values))
        return self.texts[key]


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    _, *names = token.split_contents()
    nodes = parser.parse(["endkept"])
    parser.delete_first_token()
    return KeptNode(nodes, [parser.compile_filter(name) for name in names])
