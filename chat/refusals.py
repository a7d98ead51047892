class Refusal(Exception):  # noqa: N818  A refusal is an answer, not a fault.
    """What was asked is not done, and nothing was stored.

    `code` is for programs, `detail` a sentence for a person, `retry_after` the seconds to wait where waiting helps.
    """

    def __init__(self, code: str, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after


# Those that several parts need.


def no_such_room() -> Refusal:
    return Refusal("no_such_room", "There is no such room.")


def no_such_person(nickname: str) -> Refusal:
    return Refusal("no_such_person", f"Nobody here is called “{nickname[:64]}”.")


def not_a_member() -> Refusal:
    return Refusal("not_a_member", "You are not a member of this room.")


def not_signed_in() -> Refusal:
    return Refusal("not_signed_in", "You are not signed in any more.")
