/** "Try again in 7 s", second by second, without saying each of them aloud. */

import { element } from "./element.js";

/**
 * @param {number} seconds
 * @returns {HTMLElement} counts down while it is on the page
 */
export function countDown(seconds) {
  const left = element("span", { class: "countdown", "aria-hidden": "true" });
  const shown = element("p", {}, element("span", { class: "sr" }, `Try again in ${seconds} seconds.`), left);
  const until = performance.now() + seconds * 1000;
  const timer = setInterval(tick, 250);
  tick();
  return shown;

  function tick() {
    const rest = Math.ceil((until - performance.now()) / 1000);
    left.textContent = rest > 0 ? `Try again in ${rest} s.` : "You can try again now.";
    if (rest <= 0) clearInterval(timer);
  }
}
