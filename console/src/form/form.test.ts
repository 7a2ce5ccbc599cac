import { expect, it } from "vitest";
import { mistakesBySchema } from "./mistakes";
import { fieldsOf, presetsOf, withZones } from "./schema";

// As the specification of MCP has what a tool may ask.
const asked = {
  type: "object",
  properties: {
    name: { type: "string", title: "Full name", minLength: 3 },
    mail: { type: "string", format: "email" },
    page: { type: "string", format: "uri" },
    day: { type: "string", format: "date" },
    at: { type: "string", format: "date-time" },
    guests: { type: "integer", minimum: 1, exclusiveMaximum: 9, default: 2 },
    terrace: { type: "boolean", default: false },
    size: { type: "string", enum: ["s", "xl"], enumNames: ["Small", "Extra large"] },
    colour: { type: "string", oneOf: [{ const: "#f00", title: "Red" }, { const: "#0f0", title: "Green" }] },
    extras: { type: "array", items: { anyOf: [{ const: "cake", title: "A cake" }, { const: "candles" }] } },
    days: { type: "array", items: { type: "string", enum: ["mon", "tue"] }, minItems: 1 },
  },
  required: ["name", "terrace"],
};

it("has a field for each kind of answer that MCP knows", () => {
  const kinds = fieldsOf(asked).map((field) => [
    field.label,
    field.kind === "text" ? field.type : field.kind,
    "options" in field ? field.options.map(({ label }) => label).join() : "",
  ]);
  expect(kinds).toEqual([
    ["Full name", "text", ""],
    ["Mail", "email", ""],
    ["Page", "url", ""],
    ["Day", "date", ""],
    ["At", "moment", ""],
    ["Guests", "number", ""],
    ["Terrace", "yesNo", ""],
    ["Size", "choice", "Small,Extra large"],
    ["Colour", "choice", "Red,Green"],
    ["Extras", "choices", "A cake,Candles"],
    ["Days", "choices", "Mon,Tue"],
  ]);
  expect(presetsOf(asked)).toEqual({ guests: 2, terrace: false });
});

it("takes a title where it says more than pydantic's, which is the name", () => {
  const properties = { max_cost_usd: { type: "number", title: "Max Cost Usd" }, kind: { $ref: "#/$defs/Kind" } };
  const schema = { properties, $defs: { Kind: { title: "KindOfThing", enum: ["a"] } } };
  expect(fieldsOf(schema).map(({ label }) => label)).toEqual(["Max cost (USD)", "Kind"]);
});

it("says what is wrong with an answer", () => {
  const wrong = { name: "Al", mail: "nobody", page: "here", day: "soon", guests: 9, extras: ["cake"], at: "2026-11-21T10:00" };
  expect([...mistakesBySchema(asked, wrong)]).toEqual(
    expect.arrayContaining([
      ["terrace", "This is missing"],
      ["name", "At least 3 characters"],
      ["mail", "An address such as name@example.org"],
      ["page", "An address such as https://example.org"],
      ["day", "A date"],
      ["guests", "Below 9"],
    ]),
  );
  expect(mistakesBySchema(asked, { ...wrong, guests: 1.5 }).get("guests")).toBe("A whole number");
  const right = { name: "Ada", terrace: false, colour: "#f00", days: ["mon"], at: "2026-11-21T10:00" };
  expect([...mistakesBySchema(asked, right)]).toEqual([]);
});

it("sends moments, which are picked where one is, with a zone", () => {
  const { at } = withZones({ at: "2026-11-21T10:00", name: "2026-11-21T10:00" }, fieldsOf(asked));
  expect(at).toBe(new Date(2026, 10, 21, 10).toISOString());
  expect(withZones({ at: "soon" }, fieldsOf(asked))).toEqual({ at: "soon" });
});
