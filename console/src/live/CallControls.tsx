import { useCallback, useState } from "react";
import type { Status } from "../call/events";
import { Button } from "../ui/Button";
import { SendLine } from "../ui/SendLine";
import styles from "./CallControls.module.css";
import { coach, end, mute, say, transfer, unmute } from "./control";
import { EndDialog, TransferDialog } from "./CallDialogs";

const ways = {
  coach: { label: "Coach", hint: "Tell the agent, the caller does not hear it", most: 4000 },
  say: { label: "Say", hint: "The agent says this to the caller", most: 1000 },
};

/** What an operator can do to a live call. */
export function CallControls({
  callId,
  status,
  phone,
  muted,
}: {
  callId: string;
  status: Status;
  /** Whether the caller is on a telephone. */
  phone: boolean;
  muted: { caller: boolean; agent: boolean };
}) {
  const [way, setWay] = useState<keyof typeof ways>("coach");
  const [text, setText] = useState("");
  const [asking, setAsking] = useState<"end" | "transfer" | null>(null);
  const [refusal, setRefusal] = useState("");
  const talking = status === "in_progress";
  const act = useCallback(async (action: Promise<void>): Promise<boolean> => {
    setRefusal("");
    try {
      await action;
      return true;
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
      return false;
    }
  }, []);
  const send = async (words: string) => {
    setText("");
    const done = await act(way === "coach" ? coach(callId, words) : say(callId, words));
    if (!done) setText((since) => since || words);
  };
  const toggle = (who: "caller" | "agent") =>
    void act(muted[who] ? unmute(callId, who) : mute(callId, who));
  return (
    <div className={styles["controls"]}>
      <p className={styles["refusal"]} role="alert">
        {refusal}
      </p>
      <div className={styles["ways"]} role="group" aria-label="How to step in">
        {(["coach", "say"] as const).map((each) => (
          <button key={each} type="button" aria-pressed={way === each} title={ways[each].hint} onClick={() => setWay(each)}>
            {ways[each].label}
          </button>
        ))}
      </div>
      <div className={styles["words"]}>
        <SendLine
          value={text}
          label={ways[way].hint}
          maxLength={ways[way].most}
          ready={talking}
          disabled={!talking}
          onChange={setText}
          onSend={(words) => void send(words)}
        />
      </div>
      <div className={styles["buttons"]}>
        <Button
          look="quiet"
          round
          icon={muted.caller ? "micOff" : "mic"}
          aria-label="Mute the caller"
          aria-pressed={muted.caller}
          title={muted.caller ? "Let the agent hear the caller again" : "The agent no longer hears the caller"}
          disabled={!talking}
          onClick={() => toggle("caller")}
        />
        <Button
          look="quiet"
          round
          icon={muted.agent ? "speakerOff" : "speaker"}
          aria-label="Mute the agent"
          aria-pressed={muted.agent}
          title={muted.agent ? "Let the agent speak again" : "The caller no longer hears the agent"}
          disabled={!talking}
          onClick={() => toggle("agent")}
        />
        {phone && (
          <Button
            look="quiet"
            round
            icon="transfer"
            aria-label="Transfer"
            title="Connect the caller to a person"
            disabled={!talking}
            onClick={() => setAsking("transfer")}
          />
        )}
        <Button look="danger" round icon="hangUp" aria-label="End the call" title="End the call" onClick={() => setAsking("end")} />
      </div>
      {asking === "end" && (
        <EndDialog
          talking={talking}
          onClose={() => setAsking(null)}
          onEnd={(farewell) => {
            setAsking(null);
            void act(end(callId, farewell));
          }}
        />
      )}
      {asking === "transfer" && (
        <TransferDialog
          onClose={() => setAsking(null)}
          onTransfer={(wanted) => {
            setAsking(null);
            void act(transfer(callId, wanted));
          }}
        />
      )}
    </div>
  );
}
