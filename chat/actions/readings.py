"""How nicknames are typed in Latin letters: kept beside them, so that completion finds them by an index."""

from chat.models import Reading
from chat.text import pinyin


def write(profile_id: int, nickname: str) -> bool:
    """Stores how a nickname is typed in Latin letters. Returns whether something else was stored."""
    stored = set(Reading.objects.filter(profile=profile_id).values_list("text", flat=True))
    wanted = set(pinyin.readings(nickname))
    if stored - wanted:
        Reading.objects.filter(profile=profile_id, text__in=stored - wanted).delete()
    new = [Reading(profile_id=profile_id, text=text) for text in wanted - stored]
    if new:
        Reading.objects.bulk_create(new, ignore_conflicts=True)
    return stored != wanted
