"""A room full of messages, and where its reader stands in it."""

FILL = """
from chat.actions.messages import Draft, post_messages
from chat.models import Profile, Room
sender = Profile.objects.get(nickname={nickname!r})
room = Room.objects.get(slug={slug!r})
bodies = [f"old {{number}}" + " and so on" * (number % 40) for number in range(1, {count} + 1)]
post_messages([Draft(sender.pk, f"{{room.pk}}-{{place}}", body, room.pk) for place, body in enumerate(bodies)])
"""

# Scrolls near an edge, and tells where the first row in sight stands, before anything can have been loaded.
SCROLL = """(box, top) => {
  box.scrollTop = top
  const edge = box.getBoundingClientRect().top
  const row = [...box.querySelectorAll(".row")].find((row) => row.getBoundingClientRect().bottom > edge)
  return [row.parentElement.id, row.getBoundingClientRect().top]
}"""

TOP = """() => {
  const edge = document.getElementById("scroller").getBoundingClientRect().top
  return [...document.querySelectorAll(".message")].find((row) => row.getBoundingClientRect().bottom > edge + 1).id
}"""

# The number of the last message of which something is in sight.
LAST = """() => {
  const edge = document.getElementById("scroller").getBoundingClientRect().bottom
  const rows = [...document.querySelectorAll(".message[data-number]")]
  return Number(rows.findLast((row) => row.getBoundingClientRect().top < edge).dataset.number)
}"""

# Whether the reader's place in this room is kept as this message.
KEPT = "number => Number(sessionStorage[`chatsite place ${location.pathname}`]) === number"


def numbers_of(page) -> list[int]:
    return page.locator("#timeline > .message").evaluate_all("rows => rows.map((row) => Number(row.dataset.number))")
