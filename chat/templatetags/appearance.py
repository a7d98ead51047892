"""The look that a browser has chosen, as pages need it."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.views.appearance import DENSITIES, THEME_COLORS, THEMES, appearance_of

register = template.Library()


@register.simple_tag(takes_context=True)
def appearance_attributes(context: template.Context) -> SafeString:
    """The attributes of `<html>` that the style sheets look at. With no theme the system's applies."""
    look = appearance_of(context.get("request"))
    theme = "" if look.theme == "system" else format_html('data-theme="{}" ', look.theme)
    return format_html('{}data-density="{}"', theme, look.density)


@register.inclusion_tag("chat/theme_color.html", takes_context=True)
def theme_color(context: template.Context) -> dict[str, Any]:
    return {"theme": appearance_of(context.get("request")).theme, "colors": THEME_COLORS}


@register.inclusion_tag("chat/appearance.html", takes_context=True)
def appearance_form(context: template.Context) -> dict[str, Any]:
    look = appearance_of(context.get("request"))
    return {"look": look, "themes": THEMES, "densities": DENSITIES, "csrf_token": context.get("csrf_token")}
