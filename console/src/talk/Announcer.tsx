import { type CallState, statusWords } from "../call/callState";
import { spokenName } from "../call/team";

/**
 * Tells a screen reader how the call stands, who has it, and how the microphone is. Not what is
 * said: the caller hears that, and a reader that speaks over it helps nobody.
 */
export function Announcer({
  state,
  microphone,
}: {
  state: CallState;
  /** By itself, so that each press of push-to-talk is a word or two. */
  microphone: string;
}) {
  const { agent } = state.conversation;
  const who = state.stage === "live" && agent ? `, ${spokenName(agent.name)} is on the line` : "";
  return (
    <>
      <div role="status" className="visually-hidden">
        {statusWords(state)}
        {who}
      </div>
      <div role="status" className="visually-hidden">
        {microphone}
      </div>
    </>
  );
}
