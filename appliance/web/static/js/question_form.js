/** What the form of a question says. Fields that are empty are not sent, so that the model's own values count. */

const NUMBERS = ["temperature", "top_p", "max_tokens", "seed"];

/** Reads one form. Its fields are checked by the browser before it is sent. */
export class QuestionForm {
  #form;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
  }

  /** @returns {string} */
  get csrf() {
    return this.text("csrf");
  }

  /** @returns {string} */
  get prompt() {
    return this.text("prompt");
  }

  /** @returns {string} */
  get system() {
    return this.text("system").trim();
  }

  /** @returns {boolean} whether the answer shall come in one piece */
  get whole() {
    return this.checked("whole");
  }

  /** @returns {Record<string, number>} those that were filled in */
  get parameters() {
    const filled = NUMBERS.map((name) => [name, this.text(name).trim()]).filter(([, value]) => value !== "");
    return Object.fromEntries(filled.map(([name, value]) => [name, Number(value)]));
  }

  /**
   * @param {string} name
   * @returns {string}
   */
  text(name) {
    const field = this.#form.elements.namedItem(name);
    return field && "value" in field ? String(field.value) : "";
  }

  /**
   * @param {string} name
   * @returns {boolean}
   */
  checked(name) {
    const field = this.#form.elements.namedItem(name);
    return field instanceof HTMLInputElement && field.checked;
  }

  /** Enter makes a new line, Ctrl+Enter sends. */
  sendOnCtrlEnter() {
    this.#form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
  }
}

/**
 * The body of a request.
 *
 * @param {string} model
 * @param {{ role: string, content: string }[]} messages
 * @param {Record<string, number>} parameters
 * @param {boolean} whole
 * @returns {object}
 */
export function bodyOf(model, messages, parameters, whole) {
  const streaming = whole ? { stream: false } : { stream: true, stream_options: { include_usage: true } };
  return { model, messages, ...parameters, ...streaming };
}

/**
 * Escape stops whatever is under way.
 *
 * @param {() => void} stop
 */
export function stopOnEscape(stop) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) stop();
  });
}
