"""The ways a page can talk, and what it remembers of them."""

NETWORK_IS_BACK = "dispatchEvent(new Event('online'))"
REMEMBER = (
    "localStorage.setItem('chatsite transport', JSON.stringify({ transport: '%s', at: Date.now() - %d * 3_600_000 }))"
)
REMEMBERED = "JSON.parse(localStorage.getItem('chatsite transport'))?.transport"

SPOILS = {
    "socket": {},
    "stream": {"refuses_upgrades": True},
    "poll": {"refuses_upgrades": True, "keeps_streams": True},
}
"""A proxy's faults with which this transport is the best that is left."""
