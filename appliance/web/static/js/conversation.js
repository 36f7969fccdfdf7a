/** The turns of one conversation. They are on this page and nowhere else. */

/**
 * @typedef {import("./export.js").Message} Message
 * @typedef {import("./export.js").Turn} Turn
 */

/** Turns with an answer, in order. */
export class Conversation {
  /** @type {Turn[]} */
  turns = [];

  /**
   * @param {string} system
   * @param {string} question the next one
   * @returns {Message[]} what the model is to go on with
   */
  before(system, question) {
    /** @type {Message[]} */
    const messages = system ? [{ role: "system", content: system }] : [];
    for (const turn of this.turns) {
      messages.push({ role: "user", content: turn.question }, { role: "assistant", content: turn.answer });
    }
    return [...messages, { role: "user", content: question }];
  }

  /** @param {Turn} turn */
  add(turn) {
    this.turns.push(turn);
  }

  /** Begin anew. */
  clear() {
    this.turns = [];
  }
}
