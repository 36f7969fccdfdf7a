/** One answer on the page: its words, what the model thought, what it called, its figures, what went wrong. */

import { countDown } from "./countdown.js";
import { element } from "./element.js";
import { markdownOf } from "./markdown.js";
import { Painter } from "./painter.js";

/** @typedef {import("./refusal.js").Refusal} Refusal */

const NO_KEY = new Set(["invalid_api_key", "session_over", "not_authenticated"]);

/** Shows whatever it is told, at a pace. Its words are in no live region: an end is announced elsewhere. */
export class AnswerView {
  text = "";
  thoughts = "";
  /** @type {{ name: string, text: string }[]} */
  calls = [];
  element;
  #words = element("div", { class: "words" });
  #thinking = element("details", { class: "thinking", hidden: true }, element("summary", {}, "Thinking"));
  #thought = element("div", { class: "as-written" });
  #calls = element("div", { class: "calls" });
  #state = element("p", { class: "state", hidden: true });
  #figures = element("dl", { class: "figures", hidden: true });
  #notice = element("p", { class: "notice", hidden: true });
  #painter = new Painter(() => this.#paint());

  /** @param {string} title what this answer is called, as a heading of its own */
  constructor(title) {
    this.#thinking.append(this.#thought);
    this.element = element("article", { class: "answer" }, element("h3", {}, title));
    this.element.append(this.#thinking, this.#words, this.#calls, this.#state, this.#notice, this.#figures);
  }

  /** @param {string} title */
  set title(title) {
    this.element.firstElementChild?.replaceChildren(title);
  }

  /** @param {string} text */
  say(text) {
    this.text += text;
    this.#painter.touch();
  }

  /** @param {string} text */
  think(text) {
    this.thoughts += text;
    this.#painter.touch();
  }

  /**
   * @param {number} index which call of this answer
   * @param {string} name
   * @param {string} text more of its arguments
   */
  call(index, name, text) {
    this.calls[index] ??= { name: "", text: "" };
    this.calls[index].name += name;
    this.calls[index].text += text;
    this.#painter.touch();
  }

  /** @param {string} sentence where it stands now; empty: it is over */
  state(sentence) {
    this.#state.textContent = sentence;
    this.#state.hidden = !sentence;
    this.element.setAttribute("aria-busy", String(Boolean(sentence)));
  }

  /** @param {string} sentence what the box says beside the answer */
  notice(sentence) {
    this.#notice.textContent = sentence;
    this.#notice.hidden = !sentence;
  }

  /** @param {string} sentence what this page says of it */
  remark(sentence) {
    this.element.append(element("p", { class: "remark" }, sentence));
  }

  /** @param {[string, string][]} figures */
  figures(figures) {
    const rows = figures.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value)),
    );
    this.#figures.replaceChildren(...rows);
    this.#figures.hidden = !rows.length;
  }

  /** @param {Refusal} refusal */
  refused(refusal) {
    const words = element("p", {}, refusal.message);
    const box = element("div", { class: "refused", role: "alert" }, words);
    if (NO_KEY.has(refusal.code) || refusal.status === 401) {
      words.append(" ", element("a", { href: "/login?to=try" }, "Sign in again"));
    }
    if (refusal.retryAfterS !== null) box.append(countDown(refusal.retryAfterS));
    if (refusal.requestId) box.append(element("p", { class: "request" }, `Request ${refusal.requestId}`));
    this.element.append(box);
  }

  /** All is said: paint the rest at once. */
  finish() {
    this.state("");
    this.#painter.flush();
  }

  /** @param {...Node} nodes what can be done with the answer */
  offer(...nodes) {
    this.element.append(element("div", { class: "actions" }, ...nodes));
  }

  #paint() {
    this.#words.replaceChildren(markdownOf(this.text));
    this.#thought.textContent = this.thoughts;
    this.#thinking.hidden = !this.thoughts;
    const calls = this.calls.map((call) =>
      element("pre", {}, element("code", {}, `${call.name}(${call.text})`)),
    );
    this.#calls.replaceChildren(...calls);
  }
}
