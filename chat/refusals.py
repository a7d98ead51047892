from typing import Any

from chat.sentences import sentence


class Refusal(Exception):  # noqa: N818  A refusal is an answer, not a fault.
    """The request was not carried out, and nothing was stored.

    `name` is a key of `SENTENCES`, and the values fill in its sentence. `code`, the part before the dot, is for
    programs; `retry_after` is the number of seconds to wait, where waiting helps.
    """

    def __init__(self, name: str, *, retry_after: float | None = None, **values: Any) -> None:
        super().__init__(name)
        self.name = name
        self.values = values
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        return self.name.partition(".")[0]

    @property
    def detail(self) -> str:
        """The sentence for a person, formatted when it is read."""
        return sentence(self.name, self.values, self.retry_after)

    def __str__(self) -> str:
        return self.detail


def refuse(refusal: Refusal | None) -> None:
    """Raises the refusal, if there is one."""
    if refusal:
        raise refusal


# Refusals shared by several modules.


def no_such_room() -> Refusal:
    return Refusal("no_such_room")


def no_such_person(nickname: str) -> Refusal:
    return Refusal("no_such_person", nickname=nickname[:64])


def not_a_member() -> Refusal:
    return Refusal("not_a_member")


def not_signed_in() -> Refusal:
    return Refusal("not_signed_in.any_more")
