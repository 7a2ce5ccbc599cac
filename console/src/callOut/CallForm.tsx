import { type FormEvent, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../access/api";
import { navigate } from "../app/router";
import { spokenName } from "../call/team";
import { FormRow } from "../form/FormRow";
import { focusMistake } from "../form/focusMistake";
import type { Mistakes } from "../form/mistakes";
import { SchemaFields } from "../form/SchemaFields";
import { fieldsOf } from "../form/schema";
import { useForm } from "../form/useForm";
import type { Json } from "../form/values";
import { Button } from "../ui/Button";
import styles from "./CallOutPage.module.css";
import { newKey, type Options, placeCall, recentNumbers } from "./options";
import { tasksOf } from "./tasks";
import { mistakesIn } from "./validation";

/** What stands above the rest of the form. */
const FIRST = ["to", "team", "task"];
/** Told to agents, and labels: for a call of a team they are all there is to fill in. */
const KNOWN = ["context"];
const TASK = "task:";
const TEAM = "team:";

/** The request for a call, as forms that its schema makes. */
export function CallForm({ options }: { options: Options }) {
  const tasks = useMemo(() => tasksOf(options.request), [options]);
  const [purpose, setPurpose] = useState(`${TASK}${[...tasks.keys()][0] ?? ""}`);
  // The number outlives a change of mind about the purpose.
  const number = useRef("");
  return (
    <PurposeForm
      key={purpose}
      options={options}
      tasks={tasks}
      purpose={purpose}
      onPurpose={setPurpose}
      number={number}
    />
  );
}

function PurposeForm({
  options,
  tasks,
  purpose,
  onPurpose,
  number,
}: {
  options: Options;
  tasks: ReadonlyMap<string, Json>;
  purpose: string;
  onPurpose: (purpose: string) => void;
  number: RefObject<string>;
}) {
  const task = purpose.startsWith(TASK) ? purpose.slice(TASK.length) : "";
  const initial = useMemo(() => {
    const who = task ? { task: { type: task } } : { team: purpose.slice(TEAM.length) };
    return { to: number.current, ...who };
  }, [task, purpose, number]);
  const check = useCallback((request: Json) => mistakesIn(request, options), [options]);
  const form = useForm(initial, check);
  const { place, busy, refusal } = usePlacing(task);
  const taskSchema = tasks.get(task);
  const recent = useRecentNumbers();
  const shown = useRef<HTMLFormElement>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    form.showAll();
    const refused = form.mistakes.size > 0 ? form.mistakes : await place(form.request);
    form.refuse(refused === form.mistakes ? new Map() : refused);
    focusMistake(shown.current, refused);
  };
  const setNumber = (typed: string) => {
    number.current = typed.trim();
    form.set("to", number.current);
  };
  return (
    <form ref={shown} className={styles["form"]} onSubmit={submit} noValidate>
      <section className={styles["fields"]} aria-label="Whom">
        <div>
        <FormRow
          field={{ label: "Number", hint: `With the code of the country, such as ${exampleNumber(options)}`, required: true }}
          form={form}
          path="to"
        >
          {(control) => (
            <input
              {...control}
              type="tel"
              inputMode="tel"
              autoComplete="off"
              value={String(form.valueAt("to") ?? "")}
              onChange={({ target }) => setNumber(target.value)}
            />
          )}
        </FormRow>
        {recent.length > 0 && (
          <div className={styles["recent"]} role="group" aria-label="Recent numbers">
            <span>Recent</span>
            {recent.map((each) => (
              <button key={each} type="button" onClick={() => setNumber(each)}>
                {each}
              </button>
            ))}
          </div>
        )}
        </div>
        <FormRow field={{ label: "What for", hint: taskSchema ? String(taskSchema["description"] ?? "") : "The team talks with whoever answers.", required: true }} form={form} path="purpose">
          {(control) => (
            <select {...control} value={purpose} onChange={(event) => onPurpose(event.target.value)}>
              <optgroup label="A task">
                {[...tasks.keys()].map((name) => (
                  <option key={name} value={TASK + name}>
                    {spokenName(name)}
                  </option>
                ))}
              </optgroup>
              <optgroup label="A team">
                {options.teams.map(({ name, title }) => (
                  <option key={name} value={TEAM + name}>
                    {title}
                  </option>
                ))}
              </optgroup>
            </select>
          )}
        </FormRow>
      </section>
      {taskSchema && (
        <section className={styles["fields"]} aria-label={spokenName(task)}>
          <h2>{spokenName(task)}</h2>
          <SchemaFields fields={fieldsOf(taskSchema, options.request, ["type"])} form={form} path="task" />
        </section>
      )}
      <section className={styles["fields"]} aria-label="The call">
        <h2>The call</h2>
        <SchemaFields fields={fieldsOf(options.request, options.request, taskSchema ? FIRST : [...FIRST, ...KNOWN])} form={form} path="" />
      </section>
      {!taskSchema && (
        <section className={styles["fields"]} aria-label="What is known">
          <SchemaFields fields={fieldsOf(options.request, options.request).filter(({ name }) => KNOWN.includes(name))} form={form} path="" />
        </section>
      )}
      <div className={styles["send"]}>
        <Button look="primary" icon="phone" type="submit" disabled={busy}>
          {options.dry_run ? "Start the dry run" : "Call"}
        </Button>
        <p role="alert">{refusal}</p>
      </div>
    </form>
  );
}

/** Has calls placed, and leads to them. What is sent again unchanged is the same call. */
function usePlacing(task: string) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const last = useRef({ request: "", key: "" });
  const place = async (request: Json): Promise<Mistakes> => {
    const written = JSON.stringify(request);
    if (last.current.request !== written) last.current = { request: written, key: newKey() };
    setBusy(true);
    setRefusal("");
    try {
      const id = await placeCall(request, last.current.key);
      navigate(`/live/${id}`);
      return new Map();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefusal(error.message);
      // Fields of a task are named with its type, as OpenAPI's discriminator has it.
      return new Map(error.errors.map(({ field, detail }) => [field.replace(`task.${task}.`, "task."), detail]));
    } finally {
      setBusy(false);
    }
  };
  return { place, busy, refusal };
}

function useRecentNumbers(): readonly string[] {
  const [numbers, setNumbers] = useState<readonly string[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    // Without them the form does as well.
    recentNumbers(abort.signal).then(setNumbers, () => undefined);
    return () => abort.abort();
  }, []);
  return numbers;
}

function exampleNumber({ countries }: Options): string {
  const us = countries.length === 0 || countries.some(({ prefix }) => prefix === "+1");
  return us ? "+14155550123" : `${countries[0]?.prefix}…`;
}
