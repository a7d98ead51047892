"""How the pages look in one browser: its theme and its density, which a cookie keeps."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from chat.views.decorators import for_anybody, posted
from chat.views.responses import set_cookie

COOKIE = "appearance"
COOKIE_AGE = 365 * 24 * 60 * 60

THEMES = {"system": _("System"), "light": _("Light"), "dark": _("Dark")}
DENSITIES = {"comfortable": _("Comfortable"), "compact": _("Compact")}

THEME_COLORS = {"light": "#fefcf9", "dark": "#131b1e"}
"""The pages' background, for what browsers draw around them: `--ground` of tokens.css."""


@dataclass(frozen=True)
class Appearance:
    theme: str = "system"
    density: str = "comfortable"

    def changed(self, theme: str, density: str) -> "Appearance":
        """Returns this with what is one of the choices; anything else changes nothing."""
        return Appearance(theme if theme in THEMES else self.theme, density if density in DENSITIES else self.density)


def appearance_of(request: HttpRequest | None) -> Appearance:
    """Returns what the browser has chosen. Pages about errors may have no request."""
    theme, _, density = (request.COOKIES.get(COOKIE, "") if request else "").partition(".")
    return Appearance().changed(theme, density)


@for_anybody(tokens=2)
@posted
def choose(request: HttpRequest) -> HttpResponse:
    """Stores a choice and shows the page that it was made on again."""
    chosen = appearance_of(request).changed(request.POST.get("theme", ""), request.POST.get("density", ""))
    page = request.headers.get("Referer", "")
    is_own = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
    response = HttpResponseRedirect(page if is_own else reverse("chat:home"))
    set_cookie(response, COOKIE, f"{chosen.theme}.{chosen.density}", COOKIE_AGE)
    return response
