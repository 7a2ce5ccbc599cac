import { useState } from "react";
import { ApiError } from "../access/api";

/** Something that can be done once: whether it is being done, and why it was refused. */
export function useOrder() {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const give = async (order: () => Promise<void>) => {
    setBusy(true);
    setRefusal("");
    try {
      // Busy from then on: what was waiting goes when the event of it comes.
      await order();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setBusy(false);
      setRefusal(error.status === 404 ? GONE : error.message);
    }
  };
  return { give, busy, refusal };
}

const GONE = "It waits no more: somebody else was quicker, or its time is over";
