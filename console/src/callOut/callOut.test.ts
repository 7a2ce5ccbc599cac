import { expect, it } from "vitest";
import { fieldsOf } from "../form/schema";
import { filledIn, type Json, valueAt, withValue } from "../form/values";
import type { Options } from "./options";
import { tasksOf } from "./tasks";
import { mistakeInNumber, mistakesIn } from "./validation";

// As pydantic writes them.
const request: Json = {
  $defs: {
    Question: {
      type: "object",
      required: ["key", "text"],
      properties: {
        key: { type: "string", pattern: "^[a-z][a-z0-9_]{0,39}$" },
        text: { type: "string", minLength: 1, maxLength: 500 },
        kind: { type: "string", enum: ["rating", "text"], default: "text" },
        high: { type: "integer", default: 5, maximum: 100, minimum: 1 },
      },
    },
    Survey: {
      type: "object",
      additionalProperties: false,
      required: ["organisation", "questions"],
      properties: {
        type: { const: "survey", default: "survey", type: "string" },
        organisation: { type: "string", minLength: 1, maxLength: 20 },
        at: { type: "string", format: "date-time" },
        call_back_number: { anyOf: [{ type: "string", pattern: "^\\+[1-9]\\d{6,14}$" }, { type: "null" }], default: null },
        questions: { type: "array", minItems: 1, items: { $ref: "#/$defs/Question" } },
      },
    },
  },
  type: "object",
  additionalProperties: false,
  required: ["to"],
  properties: {
    to: { type: "string", maxLength: 20 },
    task: {
      anyOf: [
        {
          oneOf: [{ $ref: "#/$defs/Survey" }],
          discriminator: { propertyName: "type", mapping: { survey: "#/$defs/Survey" } },
        },
        { type: "null" },
      ],
    },
    voice: { anyOf: [{ enum: ["marin", "cedar"], type: "string" }, { type: "null" }], default: null },
    max_cost_usd: { anyOf: [{ type: "number", exclusiveMinimum: 0, maximum: 1000 }, { type: "null" }] },
    context: { type: "object", additionalProperties: {} },
  },
};
const options = { request, countries: [{ code: "US", prefix: "+1" }] } as unknown as Options;
const good = { to: "+14155550123", task: { type: "survey", organisation: "City", at: "2026-11-22T10:00", questions: [{ key: "a", text: "?" }] } };

it("makes a field of each property, whatever pydantic wraps it in", () => {
  const kinds = fieldsOf(request, request, ["to", "task"]).map(({ name, kind, label }) => [name, kind, label]);
  expect(kinds).toEqual([
    ["voice", "choice", "Voice"],
    ["max_cost_usd", "number", "Max cost (USD)"],
    ["context", "pairs", "Context"],
  ]);
  const survey = tasksOf(request).get("survey");
  const fields = fieldsOf(survey ?? {}, request, ["type"]);
  expect(fields.map(({ kind, required }) => [kind, required])).toEqual([
    ["text", true],
    ["moment", false],
    ["text", false],
    ["objects", true],
  ]);
});

it("finds nothing wrong with a request that the service takes", () => {
  expect([...mistakesIn(good, options)]).toEqual([]);
});

it("names each field that is wrong, deep in a task as well", () => {
  const wrong = {
    to: "+4930901820",
    voice: "bass",
    max_cost_usd: 0,
    task: { type: "survey", organisation: "x".repeat(21), call_back_number: "0123", questions: [{ key: "A b", high: 101 }] },
  };
  const found = mistakesIn(wrong, options);
  expect(found.get("to")).toContain("+1");
  expect(found.get("voice")).toBe("None of the choices");
  expect(found.get("max_cost_usd")).toBe("Above 0");
  expect(found.get("task.organisation")).toBe("At most 20 characters");
  expect(found.get("task.call_back_number")).toContain("+14155550123");
  expect(found.get("task.questions.0.key")).toContain("Small letters");
  expect(found.get("task.questions.0.text")).toBe("This is missing");
  expect(found.get("task.questions.0.high")).toBe("At most 100");
  expect(found.has("task")).toBe(false);
});

it("misses what is required and was left empty", () => {
  const found = mistakesIn(filledIn({ to: "", task: { type: "survey", organisation: "", questions: [] } }) as Json, options);
  expect([...found.keys()].toSorted()).toEqual(["task.organisation", "task.questions", "to"]);
});

it.each([
  ["4155550123", "Begins with +"],
  ["+1 415", "Digits only"],
  ["+1415", "Too short"],
  ["+1415555012345678", "so many digits"],
  ["+442079460010", "not called from here"],
  ["+14155550123", ""],
])("says what is wrong with the number %s", (number, words) => {
  expect(mistakeInNumber(number, options.countries)).toContain(words);
});

it("keeps values at their dotted places and leaves out what is empty", () => {
  const values = withValue(withValue({ to: "" }, "task.questions.0.key", "a"), "task.notes", "");
  expect(valueAt(values, "task.questions.0.key")).toBe("a");
  expect(filledIn(values)).toEqual({ task: { questions: [{ key: "a" }] } });
});
