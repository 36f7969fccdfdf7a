/** The page "Compare": the same question to several models, side by side, each in a stream of its own. */

import { AnswerView } from "./answer_view.js";
import { Asking } from "./asking.js";
import { copyButton } from "./copying.js";
import { byId, element } from "./element.js";
import { duration, figuresOf, pace, wordsIn } from "./figures.js";
import { QuestionForm, bodyOf, stopOnEscape } from "./question_form.js";
import { drawn, shuffled } from "./shuffled.js";

const CHAT_PATH = "/v1/chat/completions";
const LETTERS = ["A", "B", "C", "D"];

/**
 * @typedef {{ model: string, memory: string, fidelity: string }} Contender
 * @typedef {{ contender: Contender, letter: string, view: AnswerView, asking: Asking }} Column
 */

/** Joins the form, the columns and the table beneath them. */
class Compare {
  #form = /** @type {HTMLFormElement} */ (byId("ask"));
  #fields = new QuestionForm(this.#form);
  #shown = byId("columns");
  #table = byId("beneath");
  #said = byId("said");
  /** @type {Column[]} */
  #columns = [];
  #running = 0;

  begin() {
    for (const one of document.querySelectorAll("[data-needs-script]")) one.removeAttribute("hidden");
    this.#form.addEventListener("submit", (event) => this.#submitted(event));
    this.#fields.sendOnCtrlEnter();
    stopOnEscape(() => this.#stop());
    byId("stop").addEventListener("click", () => this.#stop());
    byId("reveal").addEventListener("click", () => this.#reveal());
    this.#busy();
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (this.#running || !this.#fields.prompt.trim()) return;
    const chosen = this.#chosen();
    if (chosen.length < 2) this.#said.textContent = "Choose two models at least.";
    else void this.#ask(chosen);
  }

  /** @returns {Contender[]} */
  #chosen() {
    const pickers = [...this.#form.querySelectorAll("select[name=model]")];
    return pickers.flatMap((picker) => {
      const option = /** @type {HTMLSelectElement} */ (picker).selectedOptions[0];
      if (!option?.value) return [];
      return [{ model: option.value, memory: option.dataset.memory ?? "", fidelity: option.dataset.fidelity ?? "" }];
    });
  }

  /** @param {Contender[]} chosen */
  async #ask(chosen) {
    const blind = this.#fields.checked("blind");
    const { whole, csrf, prompt, system } = this.#fields;
    // All draw by the same seed, also where nobody chose one.
    const parameters = { seed: drawn(), ...this.#fields.parameters };
    this.#columns = (blind ? shuffled(chosen) : chosen).map((contender, place) =>
      column(contender, LETTERS[place], { blind, whole }),
    );
    this.#shown.replaceChildren(...this.#columns.map(({ view }) => view.element));
    this.#table.replaceChildren();
    byId("table").toggleAttribute("hidden", true);
    byId("reveal").toggleAttribute("hidden", true);
    const messages = [...(system ? [{ role: "system", content: system }] : []), { role: "user", content: prompt }];
    this.#running = this.#columns.length;
    this.#busy();
    await Promise.all(
      this.#columns.map((one) => this.#follow(one, bodyOf(one.contender.model, messages, parameters, whole), csrf)),
    );
    this.#said.textContent = `All answers are there: ${this.#columns.map(saidOf).join(", ")}.`;
    if (blind) byId("reveal").toggleAttribute("hidden", false);
    else this.#reveal();
  }

  /**
   * @param {Column} one
   * @param {object} body
   * @param {string} csrf
   */
  async #follow({ view, asking }, body, csrf) {
    try {
      if ((await asking.run(CHAT_PATH, body, csrf)) === "stopped") view.remark("You stopped it.");
    } finally {
      this.#running -= 1;
      this.#busy();
    }
    view.offer(copyButton("Copy answer", () => view.text));
  }

  #stop() {
    for (const { asking } of this.#columns) asking.stop();
  }

  /** Say which is which, and what each took. */
  #reveal() {
    for (const { contender, letter, view, asking } of this.#columns) {
      view.title = `${letter}: ${contender.model}`;
      view.figures(figuresOf(asking.measures));
    }
    this.#table.replaceChildren(...this.#columns.map(row));
    byId("table").toggleAttribute("hidden", false);
    byId("reveal").toggleAttribute("hidden", true);
  }

  #busy() {
    byId("send").toggleAttribute("disabled", this.#running > 0);
    byId("stop").toggleAttribute("disabled", this.#running === 0);
  }
}

/**
 * @param {Contender} contender
 * @param {string} letter
 * @param {{ blind: boolean, whole: boolean }} how
 * @returns {Column}
 */
function column(contender, letter, { blind, whole }) {
  const view = new AnswerView(blind ? letter : `${letter}: ${contender.model}`);
  return { contender, letter, view, asking: new Asking(view, { streams: !whole }) };
}

/**
 * @param {Column} column
 * @returns {HTMLElement}
 */
function row({ contender, letter, asking }) {
  const { promptTokens, completionTokens, firstWordMs, seed } = asking.measures;
  const cells = [
    promptTokens ?? "",
    completionTokens ?? "",
    duration(firstWordMs) ?? "",
    pace(asking.measures) ?? "",
    contender.memory,
    contender.fidelity,
    seed,
  ];
  const name = element("th", { scope: "row" }, `${letter}: ${contender.model}`);
  return element("tr", {}, name, ...cells.map((cell) => element("td", {}, String(cell) || "not known")));
}

/**
 * @param {Column} column
 * @returns {string}
 */
function saidOf({ letter, view }) {
  return `${letter} has ${wordsIn(view.text)}`;
}

new Compare().begin();
