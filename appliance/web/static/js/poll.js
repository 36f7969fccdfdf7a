/** A class's vote between two answers: both come from the box under A and B, and nothing here knows which is which. */

import { AnswerView } from "./answer_view.js";
import { Asking } from "./asking.js";
import { byId } from "./element.js";
import { wordsIn } from "./figures.js";
import { stopOnEscape } from "./question_form.js";

/** Both answers to the question of one vote. */
class Poll {
  #section = byId("poll");
  #columns = byId("poll-answers");
  #button = byId("poll-ask");
  #stop = byId("poll-stop");
  /** @type {Asking[]} */
  #running = [];

  begin() {
    this.#stop.removeAttribute("hidden");
    this.#stop.addEventListener("click", () => this.#end());
    stopOnEscape(() => this.#end());
    this.#button.addEventListener("click", (event) => {
      event.preventDefault();
      if (!this.#running.length) void this.#ask();
    });
  }

  async #ask() {
    const { poll = "", csrf } = this.#section.dataset;
    const form = new URLSearchParams({ poll });
    const both = ["a", "b"].map((letter) => {
      const view = new AnswerView(`Answer ${letter.toUpperCase()}`);
      return { letter, view, asking: new Asking(view) };
    });
    this.#columns.replaceChildren(...both.map(({ view }) => view.element));
    this.#busy(both.map(({ asking }) => asking));
    try {
      await Promise.all(both.map(({ letter, asking }) => asking.run(`/compare/poll/${letter}`, form, csrf ?? "")));
    } finally {
      this.#busy([]);
    }
    const words = both.map(({ letter, view }) => `${letter.toUpperCase()} has ${wordsIn(view.text)}`);
    byId("said").textContent = `Both answers are there: ${words.join(", ")}.`;
  }

  #end() {
    for (const asking of this.#running) asking.stop();
  }

  /** @param {Asking[]} running */
  #busy(running) {
    this.#running = running;
    this.#button.toggleAttribute("disabled", running.length > 0);
    this.#stop.toggleAttribute("disabled", running.length === 0);
  }
}

if (document.getElementById("poll-ask")) new Poll().begin();
