"""The connection page's counts, compared with the bytes on the line."""

import pytest

from tests.browser.forwarder import Forwarder

URLS = {
    "socket": "/ws/connection/", "stream": "/live/stream", "poll": "/live/poll", "send": "/live/send",
    "echo": "/connection/echo",
}  # fmt: skip


def counted(visit, forwarder: Forwarder, body: str):
    """The counts of the page's own modules while they do this, on a quiet page of somebody who is in no room."""
    alice = visit("alice", forwarder.url)
    alice.submit("/rooms/lobby/leave/")
    alice.page.goto("/sign-out/")
    token = alice.page.locator("[name=csrfmiddlewaretoken]").input_value()
    source = f"""async (boot) => {{
      const load = (name) => import(`/static/chat/pages/connection/${{name}}.js`)
      const {{ Meter, size }} = await load("counting")
      const {{ SocketTransport }} = await load("socket_transport")
      const {{ StreamTransport }} = await load("stream_transport")
      const {{ Site }} = await load("site")
      const site = new Site(boot)
      await site.learn()
      const meter = new Meter()
      {body}
    }}"""
    return alice.page.evaluate(source, {"nickname": alice.nickname, "token": token, "urls": URLS})


@pytest.mark.proof
def test_bytes_of_a_poll_are_those_on_the_line(visit, forwarder):
    total = counted(
        visit,
        forwarder,
        """const response = await site.poll({ wait: 0, probe: 0 }, meter)
        meter.add(size(await response.text()))
        return meter.now""",
    )
    [(request, answer)] = forwarder.exchanges(b"/live/poll")
    assert total == {"requests": 1, "bytes": len(request) + len(answer)}


@pytest.mark.proof
def test_bytes_of_sending_are_those_on_the_line(visit, forwarder):
    total = counted(visit, forwarder, "await site.probe(); return site.sending.now")
    [(request, answer)] = forwarder.exchanges(b"/live/send")
    assert total == {"requests": 1, "bytes": len(request) + len(answer)}


def test_bytes_of_a_stream_are_those_on_the_line(visit, forwarder):
    total = counted(
        visit,
        forwarder,
        """const transport = new StreamTransport(site)
        await transport.open()
        await transport.deliver()
        await new Promise((resolve) => setTimeout(resolve, 1500))
        return transport.count.now""",
    )
    [(request, answer)] = forwarder.exchanges(b"/live/stream")
    assert total == {"requests": 1, "bytes": len(request) + len(answer)}


@pytest.mark.proof
def test_bytes_of_a_websocket_are_those_that_the_site_has_counted(visit, forwarder):
    page, site = counted(
        visit,
        forwarder,
        """const transport = new SocketTransport(site)
        await transport.open()
        await transport.idle(0.3)
        const [got, sent] = [transport.count.now, transport.sending.now]
        const { bytes } = await transport.idle(0.3)
        return [transport.count.since(got).bytes + transport.sending.since(sent).bytes, bytes]""",
    )
    assert page == site > 0


def test_sha1_is_what_the_browser_s_own_would_be(visit):
    page = visit().page
    page.goto("/")
    assert (
        page.evaluate(
            """async () => {
          const { sha1 } = await import("/static/chat/pages/connection/sha1.js")
          for (let length = 0; length < 200; length++) {
            const message = crypto.getRandomValues(new Uint8Array(length))
            const known = new Uint8Array(await crypto.subtle.digest("SHA-1", message))
            if (sha1(message).join() !== known.join()) return length
          }
        }"""
        )
        is None
    )
