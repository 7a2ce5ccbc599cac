"""The service's figures, for Prometheus."""

from fastapi import APIRouter, Request, Response

from bot.api.access import Reader, SwitchboardOf

router = APIRouter(tags=["health"])


class Exposition(Response):
    """Prometheus' text format."""

    media_type = "text/plain"


@router.get("/metrics", response_class=Exposition)
async def metrics(request: Request, switchboard: SwitchboardOf, _caller: Reader) -> Response:
    """Counters, gauges and histograms, as Prometheus or OpenMetrics text."""
    text, media_type = await switchboard.metrics.render(request.headers.get("accept", ""))
    return Response(text, headers={"Content-Type": media_type})
