"""The counts that the site keeps in this process."""

from chat import addresses
from chat.actions import rates
from chat.live import metering
from chat.views import decorators


def forget() -> None:
    """Empties all counts: people of the next test may have the ids of those of the last."""
    rates.forget()
    addresses.joins.forget()
    addresses.returns.forget()
    metering.people.forget()
    metering.addresses.forget()
    decorators.pages.forget()
