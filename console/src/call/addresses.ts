/** Where a line is opened: a call of one's own, or an operator's place in somebody else's. */
import { callPath } from "./records";
import { type Wanted, wishOf } from "./team";

export interface Addresses {
  /** Takes the WebRTC offer. */
  offer: string;
  /** Takes the WebSocket where UDP is blocked. */
  socket: string;
  /** Goes along with either. */
  wish: Record<string, string>;
}

/** A call to the team. */
export function talkAddresses(wanted: Wanted): Addresses {
  return { offer: "/api/offer", socket: "/ws", wish: wishOf(wanted) };
}

/** The agent's place in a live call. */
export function takeOverAddresses(callId: string): Addresses {
  const socket = `${callPath(callId)}/takeover`;
  return { offer: `${socket}/offer`, socket, wish: {} };
}
