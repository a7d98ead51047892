"""Settings of one's own: the language. Also for visitors without a nickname, and for those under a ban."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from chat import queries
from chat.actions import people
from chat.languages import LANGUAGES
from chat.views.decorators import for_anybody
from chat.views.forms import SettingsForm
from chat.views.languages import in_language_of, remember
from chat.views.requests import address_of, profile_of
from chat.views.sidebar import framed


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@for_anybody(tokens=5)
def page(request: HttpRequest) -> HttpResponse:
    profile = profile_of(request)
    form = SettingsForm(request.POST or None)
    if form.is_valid():
        language = form.cleaned_data["language"]
        if profile:
            people.choose_language(profile, language)
        with translation.override(language):
            messages.success(request, _("Saved."))
        response: HttpResponse = redirect("chat:settings")
        remember(response, language)
        return response
    with in_language_of(request, profile) as chosen:
        # Somebody who is banned sees nothing of their rooms.
        is_in = profile and not queries.ban_on(profile.pk, address_of(request), timezone.now())
        context = framed(profile, "settings") if profile and is_in else {}
        context |= {"form": form, "languages": LANGUAGES.items()}
        return chosen.keep(render(request, "chat/settings.html", context, status=422 if form.errors else 200))
