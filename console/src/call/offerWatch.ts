/**
 * Learns how an offer was answered as soon as it was.
 *
 * The WebRTC transport sends a refused offer again and again for 8 s before it says so, and an
 * answered one tells nobody. The browser's record of requests knows both.
 */
export class OfferWatch {
  readonly #observer: PerformanceObserver;

  /** Calls `onAnswer` once, with the HTTP status, or 0 where no answer came. */
  constructor(path: string, onAnswer: (status: number) => void) {
    const url = new URL(path, window.location.href).href;
    this.#observer = new PerformanceObserver((records) => {
      const answer = (records.getEntries() as PerformanceResourceTiming[]).find(
        (record) => record.name === url,
      );
      // Older browsers record no status; then the transport's own word has to do.
      if (answer?.responseStatus === undefined) return;
      this.stop();
      onAnswer(answer.responseStatus);
    });
    this.#observer.observe({ type: "resource" });
  }

  stop(): void {
    this.#observer.disconnect();
  }
}
