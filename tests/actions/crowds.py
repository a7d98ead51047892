"""Many people, and many rooms, that no action has made."""

from chat.models import Membership, Profile, Room


def crowd(count: int) -> list[Profile]:
    users = [f"guest-{number}" for number in range(count)]
    model = Profile._meta.get_field("user").related_model
    made = model.objects.bulk_create([model(username=name) for name in users])
    return Profile.objects.bulk_create(
        [Profile(user=user, nickname=user.username, nickname_key=user.username) for user in made]
    )


def own(profile: Profile, count: int, kind: str = Room.Kind.PUBLIC, role: str = "member") -> list[Room]:
    """Puts a person into so many rooms, without any action."""
    made = Room.objects.bulk_create([Room(kind=kind, title=f"{kind} {n}", slug=f"{kind}-{n}") for n in range(count)])
    Membership.objects.bulk_create([Membership(room=room, profile=profile, role=role) for room in made])
    return made
