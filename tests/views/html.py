"""The parts of a page."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """All that a page could run or load, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self.data: dict[str, str] = {}
        self._in: tuple[str, dict] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._in = (tag, dict(attrs))

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._in = None

    def handle_data(self, data):
        if self._in is None:
            return
        tag, attributes = self._in
        if attributes.get("type") in ("application/json", "importmap") and tag == "script":
            self.data[attributes.get("id") or attributes["type"]] = data
        elif data.strip():
            self.inline.append(data)
