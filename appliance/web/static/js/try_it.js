/** The page "Try it": a conversation with one model. */

import { AnswerView } from "./answer_view.js";
import { Asking } from "./asking.js";
import { budgetLeft } from "./budget.js";
import { Conversation } from "./conversation.js";
import { copyButton } from "./copying.js";
import { byId, element } from "./element.js";
import { asJson, asNotebook, save } from "./export.js";
import { figuresOf, wordsIn } from "./figures.js";
import { QuestionForm, bodyOf, stopOnEscape } from "./question_form.js";

const CHAT_PATH = "/v1/chat/completions";
const MOST_TURNS_KEPT = 200;

/** Joins the form, the conversation and what is shown of it. */
class TryIt {
  #form = /** @type {HTMLFormElement} */ (byId("ask"));
  #fields = new QuestionForm(this.#form);
  #prompt = /** @type {HTMLTextAreaElement} */ (byId("prompt"));
  #shown = byId("conversation");
  #said = byId("said");
  #conversation = new Conversation();
  /** @type {Asking | null} */
  #asking = null;

  begin() {
    for (const one of document.querySelectorAll("[data-needs-script]")) one.removeAttribute("hidden");
    this.#form.addEventListener("submit", (event) => this.#submitted(event));
    this.#fields.sendOnCtrlEnter();
    stopOnEscape(() => this.#asking?.stop());
    byId("stop").addEventListener("click", () => this.#asking?.stop());
    byId("clear").addEventListener("click", () => this.#clear());
    byId("save-json").addEventListener("click", () => this.#save("json"));
    byId("save-notebook").addEventListener("click", () => this.#save("ipynb"));
    this.#busy(false);
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    // "View code" goes to the box, with or without scripts.
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (!this.#asking && this.#fields.prompt.trim()) void this.#ask();
  }

  async #ask() {
    const { prompt: question, system, parameters, whole, csrf } = this.#fields;
    const model = this.#fields.text("model");
    const view = new AnswerView(model);
    const asking = new Asking(view, { streams: !whole });
    const turn = element("div", { class: "turn" }, questionElement(question), view.element);
    this.#shown.append(turn);
    this.#prompt.value = "";
    this.#asking = asking;
    this.#busy(true);
    try {
      const messages = this.#conversation.before(system, question);
      const outcome = await asking.run(CHAT_PATH, bodyOf(model, messages, parameters, whole), csrf);
      if (outcome === "refused") this.#prompt.value ||= question;
      else this.#keep(question, model, parameters, { view, asking, stopped: outcome === "stopped" });
    } finally {
      this.#asking = null;
      this.#busy(false);
    }
    const left = await budgetLeft();
    if (left) byId("left").textContent = left;
  }

  /**
   * @param {string} question
   * @param {string} model
   * @param {Record<string, number>} parameters
   * @param {{ view: AnswerView, asking: Asking, stopped: boolean }} answered
   */
  #keep(question, model, parameters, { view, asking, stopped }) {
    const { seed, fingerprint, requestId, promptTokens, completionTokens } = asking.measures;
    const counted = { promptTokens, completionTokens };
    const circumstances = { model, parameters, seed, fingerprint, requestId, ...counted };
    this.#conversation.add({ question, answer: view.text, circumstances });
    if (this.#conversation.turns.length > MOST_TURNS_KEPT) this.#conversation.turns.shift();
    view.figures(figuresOf(asking.measures));
    view.offer(copyButton("Copy answer", () => view.text));
    const words = wordsIn(view.text);
    if (stopped) view.remark(`You stopped it after ${words}.`);
    else if (asking.reason === "length") view.remark("It was cut at its most tokens; the options set how many.");
    this.#said.textContent = stopped ? `Stopped after ${words}.` : `Answer finished, ${words}.`;
  }

  #clear() {
    this.#asking?.stop();
    this.#conversation.clear();
    this.#shown.replaceChildren();
    this.#said.textContent = "The conversation is cleared.";
    this.#prompt.focus();
    this.#busy(Boolean(this.#asking));
  }

  /** @param {"json" | "ipynb"} form */
  #save(form) {
    const chat = { system: this.#fields.system, turns: this.#conversation.turns };
    const baseUrl = `${location.origin}/v1`;
    if (form === "json") save("chat.json", "application/json", asJson(chat, baseUrl, new Date()));
    else save("chat.ipynb", "application/x-ipynb+json", asNotebook(chat, baseUrl));
  }

  /** @param {boolean} busy */
  #busy(busy) {
    const set = (/** @type {string} */ id, /** @type {boolean} */ off) => byId(id).toggleAttribute("disabled", off);
    const empty = !this.#conversation.turns.length;
    set("send", busy);
    set("stop", !busy);
    set("save-json", empty);
    set("save-notebook", empty);
  }
}

/**
 * @param {string} question
 * @returns {HTMLElement}
 */
function questionElement(question) {
  const words = element("div", { class: "as-written" });
  words.textContent = question;
  return element("article", { class: "question" }, element("h3", {}, "You"), words);
}

new TryIt().begin();
