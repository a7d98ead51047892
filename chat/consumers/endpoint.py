"""The shared part of the plain HTTP endpoints: admission, and the error responses of refused requests."""

import logging
import random
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from chat.consumers.exchange import Exchange, Gone, Receive, Scope, Send
from chat.live import admission, commands, metering, origins, threads
from chat.live.admission import Admitted
from chat.live.node import node
from chat.refusals import Refusal, not_signed_in
from chat.wire import protocol

logger = logging.getLogger(__name__)

QUERY_BYTES = 8000
"""Longest query string. Proxies have a limit somewhere above it, without a helpful error."""

Endpoint = Any
"""An ASGI application. Typed so that Django's `path`, which channels' router shares with views, accepts it."""

Handler = Callable[[Exchange, Admitted], Coroutine[Any, Any, None]]


def endpoint(*methods: str, tokens: float) -> Callable[[Handler], Endpoint]:
    """Admits a request, or refuses it with the reason. Each request costs `tokens`."""

    def decorate(handler: Handler) -> Endpoint:
        @wraps(handler)
        async def handled(scope: Scope, receive: Receive, send: Send) -> None:
            exchange = Exchange(scope, receive, send)
            try:
                if exchange.method not in methods:
                    refusal = Refusal("bad_method", methods=" and ".join(methods))
                    await exchange.refuse(refusal, allow=", ".join(methods))
                    return
                admitted = await _admitted(exchange)
                metering.spend([(metering.people, admitted.profile.pk)], tokens)
                await handler(exchange, admitted)
            except Refusal as refusal:
                await exchange.refuse(refusal)
            except Gone:
                return
            except Exception:
                logger.exception("A request could not be answered.")
                if exchange.has_begun:
                    await exchange.end()
                else:
                    await exchange.refuse(commands.FAILED)

        return handled

    return decorate


async def _admitted(exchange: Exchange) -> Admitted:
    """Returns the person who sent the request. Raises `Refusal`."""
    if len(exchange.scope["query_string"]) > QUERY_BYTES:
        raise Refusal("too_long")
    if not origins.is_trusted_origin(exchange.scope):
        raise Refusal("forbidden.another_site")
    if node().hub.is_draining:
        raise ended(protocol.RESTARTING)
    if exchange.method == "POST":
        reason = await threads.query(admission.forgery, exchange.scope)
        if reason:
            raise Refusal("forbidden.forgery", reason=reason)
    admitted = await admission.let_in(exchange.scope)
    check_person(exchange.query.get("as"), admitted)
    return admitted


def check_person(named: str | None, admitted: Admitted) -> None:
    """Raises `Refusal` if the page belongs to another person than the one signed in: another tab has changed that."""
    nickname = admitted.profile.nickname
    if named not in (None, nickname):
        raise Refusal("not_signed_in.another", nickname=nickname)


def ended(code: int) -> Refusal:
    """Returns the refusal that says why a connection was closed with this code."""
    if code == protocol.NOT_SIGNED_IN:
        return not_signed_in()
    pause = random.uniform(1, 5)  # noqa: S311  Spreads the reconnects.
    return Refusal("restarting", retry_after=pause)
