/** Parts of a page that ask again and again (`data-live`) keep what they show where no answer comes, and say so. */

const notices = document.querySelectorAll("[data-stale]");

/** @param {boolean} stale */
function tell(stale) {
  for (const notice of notices) notice.toggleAttribute("hidden", !stale);
}

/** @param {Event} event */
const isLive = (event) => event.target instanceof Element && event.target.closest("[data-live]") !== null;

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(name, (event) => isLive(event) && tell(true));
}
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (!(event instanceof CustomEvent) || !isLive(event)) return;
  // An error's words would take the place of all seats, and nothing would ask again.
  if (event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
  else tell(false);
});
