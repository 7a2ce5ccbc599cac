"""The least that connects a phone call to a model: what every feature of ours is measured against.

No agents, no tools, no events, no recovery: two sockets and a table of two messages.
"""

import asyncio
import os

import orjson
import uvicorn
import websockets
from fastapi import FastAPI, Request, Response, WebSocket

app = FastAPI()


@app.post("/twilio/voice")
async def voice(request: Request) -> Response:
    """Connects the call's media to this server."""
    url = f"ws://{request.headers['host']}/twilio/media"
    twiml = f'<Response><Connect><Stream url="{url}"/></Connect></Response>'
    return Response(twiml, media_type="text/xml")


@app.websocket("/twilio/media")
async def media(phone: WebSocket) -> None:
    """One call."""
    await phone.accept()
    stream_sid = ""
    url = f"{os.environ['OPENAI_REALTIME_URL']}?model=gpt-realtime"
    headers = {"Authorization": "Bearer bench"}
    async with websockets.connect(url, additional_headers=headers, compression=None) as model:

        async def listen() -> None:
            nonlocal stream_sid
            async for text in phone.iter_text():
                message = orjson.loads(text)
                if message["event"] == "media":
                    append = {"type": "input_audio_buffer.append"}
                    append["audio"] = message["media"]["payload"]
                    await model.send(orjson.dumps(append).decode())
                elif message["event"] == "start":
                    stream_sid = message["streamSid"]
                    format_ = {"format": {"type": "audio/pcmu"}}
                    session = {"type": "realtime", "audio": {"input": format_, "output": format_}}
                    update = {"type": "session.update", "session": session}
                    await model.send(orjson.dumps(update).decode())
                    await model.send('{"type":"response.create"}')

        async def speak() -> None:
            async for data in model:
                event = orjson.loads(data)
                if event["type"] == "response.output_audio.delta":
                    out = {"event": "media", "streamSid": stream_sid}
                    await phone.send_text(
                        orjson.dumps({**out, "media": {"payload": event["delta"]}}).decode()
                    )
                elif event["type"] == "input_audio_buffer.speech_started":
                    clear = {"event": "clear", "streamSid": stream_sid}
                    await phone.send_text(orjson.dumps(clear).decode())

        speaking = asyncio.create_task(speak())
        await listen()
        speaking.cancel()


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning", ws="websockets-sansio")
