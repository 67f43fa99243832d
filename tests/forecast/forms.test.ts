import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FORM_NAMES, Form, fitForm } from "../../src/forecast/forms.ts";
import { fitWindowEncoder, WindowEncoder } from "../../src/forecast/inputs.ts";
import { suggestTransform } from "../../src/forecast/transform.ts";
import { airPassengers, noise } from "./data.ts";

/** A random positive series with a form that fits it, and an origin with room on both sides. */
const cases = fc
  .record({
    form: fc.constantFrom(...FORM_NAMES),
    transform: fc.constantFrom("none" as const, "log" as const),
    window: fc.integer({ min: 1, max: 9 }),
    horizon: fc.integer({ min: 1, max: 9 }),
    season: fc.integer({ min: 2, max: 6 }),
    values: fc.array(fc.double({ min: 0.5, max: 1000, noNaN: true }), { minLength: 60, maxLength: 60 }),
    origin: fc.integer({ min: 20, max: 50 }),
  })
  .map(({ values, origin, ...options }) => ({ values: Float64Array.from(values), origin, options }));

describe("a form", () => {
  test("decode ∘ encode is the identity on the truth", () => {
    fc.assert(
      fc.property(cases, ({ values, origin, options }) => {
        // The floor of `log` is a tenth of the smallest value seen in training: here nothing lies below it.
        const form = fitForm(values, options);
        const decoded = form.decode(form.encodeTargets(values, origin), values, origin);
        decoded.forEach((value, i) => {
          expect(Math.abs(value - values[origin + 1 + i])).toBeLessThan(1e-9 * (1 + Math.abs(value)));
        });
      }),
    );
  });
  test("no window looks past its origin, and no forecast reads what comes after it", () => {
    fc.assert(
      fc.property(cases, ({ values, origin, options }) => {
        const form = fitForm(values.subarray(0, 40), options);
        const changed = values.map((value, row) => (row > origin ? value * 7 + 1 : value));
        const answers = new Float64Array(options.horizon).fill(0.3);
        expect(form.encode(changed, origin)).toEqual(form.encode(values, origin));
        expect(form.decode(answers, changed, origin)).toEqual(form.decode(answers, values, origin));
        expect(form.decode(answers, values.subarray(0, origin + 1), origin)).toEqual(
          form.decode(answers, values, origin),
        );
      }),
    );
  });
  test("comes back from JSON the same", () => {
    const form = fitForm(airPassengers, { form: "seasonal", transform: "log", window: 5, horizon: 3, season: 12 });
    const again = new Form(JSON.parse(JSON.stringify(form.state)));
    expect(again.encode(airPassengers, 30)).toEqual(form.encode(airPassengers, 30));
  });
  test("zeros mean: naive for last, the training mean for level, seasonal naive with its growth for seasonal", () => {
    const zeros = new Float64Array(14);
    const decode = (form: (typeof FORM_NAMES)[number]) =>
      fitForm(airPassengers, { form, window: 4, horizon: 14, season: 12 }).decode(zeros, airPassengers, 100);
    expect([...decode("last")]).toEqual(new Array(14).fill(airPassengers[100]));
    const mean = airPassengers.reduce((a, b) => a + b, 0) / 144;
    expect(decode("level")[3]).toBeCloseTo(mean, 9);
    const seasonal = decode("seasonal");
    const growth = seasonal[0] - airPassengers[101 - 12];
    expect(growth).toBeGreaterThan(10);
    expect(seasonal[12]).toBeCloseTo(airPassengers[113 - 24] + growth, 9);
  });
  test("encoded training values are of about unit size", () => {
    for (const form of FORM_NAMES) {
      const fitted = fitForm(airPassengers, { form, transform: "log", window: 24, horizon: 12, season: 12 });
      let squares = 0;
      let count = 0;
      for (let origin = fitted.firstOrigin; origin + 12 < 144; origin++) {
        for (const target of fitted.encodeTargets(airPassengers, origin)) {
          squares += target * target;
          count++;
        }
      }
      expect(Math.sqrt(squares / count)).toBeGreaterThan(0.7);
      expect(Math.sqrt(squares / count)).toBeLessThan(1.4);
    }
  });
  test("a constant series is encoded as zeros", () => {
    const constant = new Float64Array(40).fill(6.3);
    for (const form of FORM_NAMES) {
      const fitted = fitForm(constant, { form, window: 4, horizon: 2, season: 3 });
      for (const value of fitted.encode(constant, 20)) expect(Math.abs(value)).toBeLessThan(1e-9);
      expect(fitted.decode([0, 0], constant, 20)[1]).toBeCloseTo(6.3, 9);
    }
  });
  test("what it cannot do is told", () => {
    const options = { window: 4, horizon: 2 };
    expect(() =>
      fitForm(Float64Array.of(1, 2, 0, 4, 5, 6, 7), { ...options, form: "level", transform: "log" }),
    ).toThrow("smallest is 0");
    expect(() => fitForm(airPassengers, { ...options, form: "seasonal" })).toThrow('use "last" or "level"');
    expect(() => fitForm(airPassengers.subarray(0, 5), { ...options, form: "level" })).toThrow("needs 6");
    expect(() => fitForm(airPassengers, { ...options, form: "level" }).encode(airPassengers, 2)).toThrow("3 … 143");
  });
});

describe("several columns", () => {
  test("lie side by side, step by step, each in its own scale", () => {
    const other = noise(1).normals(144);
    const columns = [airPassengers, other];
    const encoder = fitWindowEncoder(columns, { form: "level", transform: "log", window: 3, horizon: 1 });
    expect(encoder.forms.map((form) => form.state.transform.name)).toEqual(["log", "none"]);
    const window = encoder.encode(columns, 50);
    expect([...window]).toEqual(
      [0, 1, 2].flatMap((i) => [encoder.forms[0].encode(airPassengers, 50)[i], encoder.forms[1].encode(other, 50)[i]]),
    );
    const again = new WindowEncoder(JSON.parse(JSON.stringify(encoder.forms.map((form) => form.state))));
    expect(again.encode(columns, 50)).toEqual(window);
  });
});

test("log is suggested where swings grow with the level, and only there", () => {
  expect(suggestTransform(airPassengers.subarray(0, 96), 12)).toBe("log");
  const { normal } = noise(3);
  const even = Float64Array.from({ length: 120 }, (_, t) => 100 + t + 10 * Math.sin((2 * Math.PI * t) / 12) + normal());
  expect(suggestTransform(even, 12)).toBe("none");
  expect(
    suggestTransform(
      even.map((value, t) => (t === 60 ? 0 : value ** 3)),
      12,
    ),
  ).toBe("none");
});
