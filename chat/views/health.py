import asyncio
import json
from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET, require_safe

from chat.addresses import entry
from chat.live import readiness
from chat.views.decorators import for_anybody
from chat.views.requests import address_of

BETWEEN_SECONDS = 1.0


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
async def readyz(request: HttpRequest) -> HttpResponse:
    """The process can serve: it is not about to stop, and the database responds and accepts writes."""
    trouble = await readiness.trouble()
    return HttpResponse(f"{trouble or 'ok'}\n", content_type="text/plain", status=503 if trouble else 200)


@require_GET
@for_anybody(tokens=5)
def seen(request: HttpRequest) -> StreamingHttpResponse:
    """Returns how this request looks from here, to diagnose what lies between: only the client's own data, as received.

    Streams two events `BETWEEN_SECONDS` apart; they arrive together if something on the way buffers them.
    """
    facts = {
        "scheme": request.scheme,
        "host": request.get_host(),
        "address": address_of(request),
        "entry": entry(request.META.get("REMOTE_ADDR") or "", request.headers.get("X-Forwarded-For", ""))[:100],
        "forwarded": len(request.headers.get("X-Forwarded-For", "").split(",")),
    }
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(_slowly(json.dumps(facts)), content_type="text/event-stream", headers=headers)


async def _slowly(facts: str) -> AsyncIterator[str]:
    yield f"data: {facts}\n\n"
    await asyncio.sleep(BETWEEN_SECONDS)
    yield "data: end\n\n"
