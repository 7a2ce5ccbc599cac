import { type FormEvent, useCallback, useMemo, useRef } from "react";
import type { Question } from "../call/facts";
import { focusMistake } from "../form/focusMistake";
import { mistakesBySchema } from "../form/mistakes";
import { SchemaFields } from "../form/SchemaFields";
import { fieldsOf, presetsOf, withZones } from "../form/schema";
import { useForm } from "../form/useForm";
import type { Json } from "../form/values";
import { Button } from "../ui/Button";
import { answer, type Reply } from "./control";
import { useOrder } from "./useOrder";
import styles from "./Waiting.module.css";

/** What a tool asks operators before it can go on, with a form for the answers where one may answer. */
export function QuestionItem({
  callId,
  question,
  mayAnswer,
}: {
  callId: string;
  question: Question;
  mayAnswer: boolean;
}) {
  const { tool, message, schema } = question;
  const labels = fieldsOf(schema).map(({ label }) => label);
  return (
    <li className={styles["item"]} data-testid="question">
      <div className={styles["what"]} role="alert">
        <strong>
          <code>{tool}</code> asks {mayAnswer ? "you" : "an operator"}
        </strong>
        <p dir="auto">{message}</p>
        {!mayAnswer && labels.length > 0 && <p>Wanted: {labels.join(", ")}</p>}
      </div>
      {mayAnswer && <QuestionForm callId={callId} question={question} />}
    </li>
  );
}

function QuestionForm({ callId, question: { id, tool, schema } }: { callId: string; question: Question }) {
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const check = useCallback((answers: Json) => mistakesBySchema(schema, answers), [schema]);
  const form = useForm(useMemo(() => presetsOf(schema), [schema]), check);
  const shown = useRef<HTMLFormElement>(null);
  const { give, busy, refusal } = useOrder();
  const reply = (given: Reply) => void give(() => answer(callId, id, given));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    form.showAll();
    if (form.mistakes.size > 0) focusMistake(shown.current, form.mistakes);
    else reply({ action: "accept", answers: withZones(form.request, fields) });
  };
  return (
    <form ref={shown} className={styles["form"]} onSubmit={submit} noValidate aria-label={`What ${tool} asks`}>
      {fields.length > 0 && (
        <div className={styles["fields"]}>
          <SchemaFields fields={fields} form={form} path="" />
        </div>
      )}
      <div className={styles["buttons"]}>
        <Button
          look="quiet"
          title="Nobody answers: the tool goes on as it can"
          disabled={busy}
          onClick={() => reply({ action: "cancel" })}
        >
          Skip
        </Button>
        <Button look="quiet" title="The answer is no" disabled={busy} onClick={() => reply({ action: "decline" })}>
          Decline
        </Button>
        <Button look="primary" type="submit" disabled={busy}>
          Answer
        </Button>
      </div>
      {refusal && (
        <p className={styles["refusal"]} role="alert">
          {refusal}
        </p>
      )}
    </form>
  );
}
