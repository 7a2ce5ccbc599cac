import { type CallState, statusWords } from "../call/callState";
import { spokenName } from "../call/team";

/**
 * Tells a screen reader how the call stands and who has it. Not what is said: the caller hears
 * that, and a reader that speaks over it helps nobody.
 */
export function Announcer({ state }: { state: CallState }) {
  const { agent } = state.conversation;
  const who = state.stage === "live" && agent ? `, ${spokenName(agent.name)} is on the line` : "";
  return (
    <div role="status" className="visually-hidden">
      {statusWords(state)}
      {who}
      {state.muted && ", you are muted"}
    </div>
  );
}
