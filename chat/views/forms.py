from django import forms
from django.utils.translation import gettext_lazy as _

from chat.languages import LANGUAGES
from chat.models import Room


class JoinForm(forms.Form):
    """Passes on the input unchanged: the action validates it, so that every entry point refuses in the same words."""

    nickname = forms.CharField(required=False, strip=False)
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class RoomForm(forms.Form):
    title = forms.CharField(
        max_length=Room.TITLE_LENGTH,
        error_messages={
            "required": _("Give the room a name."),
            "max_length": _("A room name can have %(limit_value)d characters at most."),
        },
    )
    topic = forms.CharField(
        required=False,
        max_length=Room.TOPIC_LENGTH,
        error_messages={"max_length": _("A topic can have %(limit_value)d characters at most.")},
    )


class NewRoomForm(RoomForm):
    kind = forms.ChoiceField(
        choices=[
            (Room.Kind.PUBLIC, _("Public")),
            (Room.Kind.PRIVATE, _("Private")),
        ],
        initial=Room.Kind.PUBLIC,
        widget=forms.RadioSelect,
    )


class SettingsForm(forms.Form):
    language = forms.ChoiceField(choices=list(LANGUAGES.items()))


class PersonForm(forms.Form):
    nickname = forms.CharField(max_length=128)
