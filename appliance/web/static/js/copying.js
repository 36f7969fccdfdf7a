/** Buttons that copy a text. */

import { element } from "./element.js";

const SAID_MS = 2000;

/**
 * @param {string} label
 * @param {() => string} text what it copies, at the moment that it is pressed
 * @returns {HTMLButtonElement}
 */
export function copyButton(label, text) {
  const button = element("button", { type: "button", class: "secondary outline" }, label);
  button.addEventListener("click", async () => {
    button.textContent = (await copied(text())) ? "Copied" : "Select it and press Ctrl+C";
    setTimeout(() => (button.textContent = label), SAID_MS);
  });
  return button;
}

/**
 * Over plain HTTP browsers give no clipboard to pages; then an invisible field is copied from.
 *
 * @param {string} text
 * @returns {Promise<boolean>}
 */
export async function copied(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused by the browser or its owner: the old way may still work.
    }
  }
  const field = element("textarea", { class: "sr", "aria-hidden": "true" });
  field.value = text;
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
