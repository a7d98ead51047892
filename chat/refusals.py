class Refusal(Exception):  # noqa: N818  A refusal is an answer, not a fault.
    """What was asked is not done, and nothing was stored.

    `code` is for programs, `detail` a sentence for a person, `retry_after` the seconds to wait where waiting helps.
    """

    def __init__(self, code: str, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
