from django import forms

from chat.models import Room


class JoinForm(forms.Form):
    """Passes on the input unchanged: the action validates it, so that every entry point refuses in the same words."""

    nickname = forms.CharField(required=False, strip=False)
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class RoomForm(forms.Form):
    title = forms.CharField(
        max_length=Room.TITLE_LENGTH,
        error_messages={
            "required": "A room needs a title.",
            "max_length": "A title may have %(limit_value)d characters.",
        },
    )
    topic = forms.CharField(
        required=False,
        max_length=Room.TOPIC_LENGTH,
        error_messages={"max_length": "A topic may have %(limit_value)d characters."},
    )


class NewRoomForm(RoomForm):
    kind = forms.ChoiceField(
        choices=[
            (Room.Kind.PUBLIC, "Public: anyone may find it and join"),
            (Room.Kind.PRIVATE, "Private: only the people whom members add can see it"),
        ],
        initial=Room.Kind.PUBLIC,
        widget=forms.RadioSelect,
    )


class PersonForm(forms.Form):
    nickname = forms.CharField(max_length=128)
