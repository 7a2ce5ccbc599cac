/** A call over WebRTC. */
import type { APIRequest } from "@pipecat-ai/client-js";
import { SmallWebRTCTransport } from "@pipecat-ai/small-webrtc-transport";
import { csrfHeaders } from "../access/api";
import { CallMedia } from "../media/callMedia";
import type { Addresses } from "./addresses";
import type { Sound } from "./line";

/**
 * What the transport gives its own media manager to replace a microphone's track with, and names
 * in no type. `pc` is `null` before and after a connection.
 */
interface Sending {
  pc: RTCPeerConnection | null;
  getAudioTransceiver(): RTCRtpTransceiver;
}

export function webrtcRoute(
  useMicrophone: boolean,
  { offer, wish }: Addresses,
  { microphone, speaker }: Sound,
): {
  transport: SmallWebRTCTransport;
  media: CallMedia;
  params: { webrtcRequestParams: APIRequest };
} {
  const media = new CallMedia(useMicrophone, { microphone, speaker });
  const transport = new SmallWebRTCTransport({ mediaManager: media });
  const sending = transport as unknown as Sending;
  media.onReplaced = async (track) => {
    // A connection that is made later asks for the track itself, as does the one after a broken one.
    if (!sending.pc) return;
    await sending.getAudioTransceiver().sender.replaceTrack(track).catch(() => undefined);
  };
  return {
    transport,
    media,
    params: {
      webrtcRequestParams: {
        endpoint: offer,
        headers: new Headers(csrfHeaders()),
        requestData: wish,
      },
    },
  };
}
