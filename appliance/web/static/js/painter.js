/** Paints what changes often at a pace that eyes and screen readers bear. */

const EVERY_MS = 120;
/** A painting that takes long comes more seldom: it may have so much of the time, one part in ... */
const SHARE = 6;

/** Calls `paint` soon after `touch`, and at once at `flush`. */
export class Painter {
  #paint;
  /** @type {number | undefined} */
  #timer;
  #next = 0;

  /** @param {() => void} paint */
  constructor(paint) {
    this.#paint = paint;
  }

  /** There is something new to paint. */
  touch() {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.flush(), Math.max(0, this.#next - performance.now()));
  }

  /** Paint now. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const began = performance.now();
    this.#paint();
    const took = performance.now() - began;
    this.#next = began + took + Math.max(EVERY_MS, SHARE * took);
  }
}
