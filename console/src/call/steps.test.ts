import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Steps } from "./steps";
import { trouble } from "./trouble";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("is live once the agent is ready", async () => {
  const steps = new Steps("websocket", "/api/offer");
  steps.connected();
  steps.ready();
  await expect(steps.outcome).resolves.toBe("live");
  expect(vi.getTimerCount()).toBe(0);
});

it("gives up where no answer comes", async () => {
  const steps = new Steps("websocket", "/api/offer");
  vi.advanceTimersByTime(10_000);
  await expect(steps.outcome).resolves.toBe("no-media");
});

it("names a service that is connected and has no agent", async () => {
  const late = new Steps("websocket", "/api/offer");
  late.connected();
  vi.advanceTimersByTime(20_000);
  await expect(late.outcome).resolves.toMatchObject({ kind: "silent-service" });

  const broken = new Steps("websocket", "/api/offer");
  broken.connected();
  broken.failed(new Error("closed"));
  await expect(broken.outcome).resolves.toMatchObject({ kind: "silent-service" });
});

it("keeps the first reason", async () => {
  const steps = new Steps("websocket", "/api/offer");
  steps.refused(trouble("busy"));
  steps.failed(new Error("closed"));
  await expect(steps.outcome).resolves.toMatchObject({ kind: "busy" });
});
