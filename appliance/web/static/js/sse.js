/**
 * Server-sent events from the body of a fetch. Comments are told too: in them the box says where a request
 * stands in the queue.
 *
 * @typedef {{ kind: "data" | "comment", text: string }} Item
 */

/** Text without an end of line that is kept until one comes. Longer is no event stream. */
const MOST_KEPT = 8 * 1024 * 1024;

/** Cuts text into items, however it was cut before. */
export class EventCutter {
  #rest = "";
  /** @type {string[]} */
  #data = [];

  /**
   * @param {string} text what came next
   * @returns {Item[]} what is complete by now
   */
  take(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > MOST_KEPT) throw new RangeError("This line of an event stream has no end.");
    return lines.flatMap((line) => this.#line(line.endsWith("\r") ? line.slice(0, -1) : line));
  }

  /**
   * @param {string} line
   * @returns {Item[]}
   */
  #line(line) {
    if (line.startsWith(":")) return [{ kind: "comment", text: line.slice(1).trim() }];
    if (line === "") return this.#event();
    if (line.startsWith("data:")) this.#data.push(line.slice(line[5] === " " ? 6 : 5));
    return [];
  }

  /** @returns {Item[]} */
  #event() {
    if (!this.#data.length) return [];
    const text = this.#data.join("\n");
    this.#data = [];
    return [{ kind: "data", text }];
  }
}

/**
 * All items of an answer, as they come.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<Item>}
 */
export async function* eventsOf(body) {
  const cutter = new EventCutter();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* cutter.take(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Whoever stops listening has the connection closed, and with it the run on the box ended.
    reader.cancel().catch(() => undefined);
  }
}
