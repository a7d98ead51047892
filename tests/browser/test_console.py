"""The examples of docs/clients.md for a browser's console, in the console of Chromium."""

import pytest

from tests.snippets import examples


@pytest.mark.proof
def test_the_console_hears_a_stream_and_speaks(visit):
    alice, bob = visit("alice"), visit("bob")
    alice.go("/rooms/lobby/")
    bob.go("/rooms/lobby/")
    language, text = examples()["The browser's console"]
    assert language == "js"
    with alice.page.expect_console_message(lambda said: '"body":"Hello from a console."' in said.text):
        # As the console itself does it: with `await` outside of functions.
        result = alice.context.new_cdp_session(alice.page).send(
            "Runtime.evaluate", {"expression": text, "replMode": True, "awaitPromise": True}
        )
    assert "exceptionDetails" not in result, result
    assert '"type":"ack"' in result["result"]["value"]
    bob.message("Hello from a console.").last.wait_for()
