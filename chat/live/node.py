"""The objects that exist once per process."""

from channels.layers import get_channel_layer

from chat.live.feeds import Feeds
from chat.live.hub import Hub, Layer
from chat.live.journal import Journal
from chat.live.presence import Presence


class Node:
    """One process's connections, and the parts that serve all of them."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.feeds = Feeds(layer)
        self.presence = Presence(self.feeds)
        self.hub = Hub(layer, self.feeds, self.presence)
        self.journal = Journal()


_node: Node | None = None


def node() -> Node:
    """Returns this process's node. It is made when first asked for, because a server may fork after the import."""
    global _node
    if _node is None:
        _node = Node(get_channel_layer())
    return _node
