"""What the site has counted in this process."""

from chat import addresses
from chat.actions import rates
from chat.live import metering
from chat.views import decorators


def forget() -> None:
    """What the people of one test have made is not counted against those of the next, who may have their ids."""
    rates.forget()
    addresses.joins.forget()
    addresses.returns.forget()
    metering.people.forget()
    metering.addresses.forget()
    decorators.pages.forget()
