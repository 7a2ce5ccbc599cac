/** A call over a WebSocket. In a file of its own: few networks need it, so it loads when asked. */
import { ProtobufFrameSerializer, WebSocketTransport } from "@pipecat-ai/websocket-transport";
import { StreamedMedia, STREAM_RATE } from "../media/streamedMedia";
import type { Addresses } from "./addresses";
import type { Sound } from "./line";

type TransportOptions = NonNullable<ConstructorParameters<typeof WebSocketTransport>[0]>;

export function streamedRoute(
  useMicrophone: boolean,
  { socket, wish }: Addresses,
  { microphone, speaker }: Sound,
): {
  transport: WebSocketTransport;
  media: StreamedMedia;
  params: { wsUrl: string };
} {
  const media = new StreamedMedia(useMicrophone, { microphone, speaker });
  const transport = new WebSocketTransport({
    // The transport's type asks for its own base class, which the package does not export;
    // CallMedia is checked against that class's public members instead.
    mediaManager: media as unknown as NonNullable<TransportOptions["mediaManager"]>,
    serializer: new ProtobufFrameSerializer(),
    recorderSampleRate: STREAM_RATE,
    playerSampleRate: STREAM_RATE,
  });
  const url = new URL(socket, window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = new URLSearchParams(wish).toString();
  return { transport, media, params: { wsUrl: url.href } };
}
