// What every page does with a script beside what it does without one.

import { copied } from "./copying.js";

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** Headers for a request of a page's own script that changes something. */
export function tokenHeaders() {
  return csrf ? { "x-carrel-csrf": csrf } : {};
}

/** Tells a screen reader, and nobody else. */
export function announce(words) {
  let place = document.getElementById("announcements");
  if (!place) {
    place = document.createElement("div");
    place.id = "announcements";
    place.className = "sr";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  place.textContent = words;
}

function localTimes(root) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const one of root.querySelectorAll("time[datetime]")) {
    const at = new Date(one.dateTime);
    if (!Number.isNaN(at.getTime())) {
      one.title = one.textContent;
      one.textContent = format.format(at);
    }
  }
}

/** Buttons with data-copy="#id" copy the text of that element. They are hidden without a script. */
function copyButtons(root) {
  for (const button of root.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const from = document.querySelector(button.dataset.copy);
      const done = await copied((from.value ?? from.textContent).trim());
      const before = button.textContent;
      button.textContent = done ? "Copied" : "Select it and press Ctrl+C";
      announce(`${button.textContent}.`);
      setTimeout(() => { button.textContent = before; }, 1500);
    });
  }
}

/** A group [data-tabs] of sections [data-tab="Title"] becomes tabs, one section shown at a time. */
function tabs(group) {
  const panels = [...group.querySelectorAll(":scope > [data-tab]")];
  const bar = document.createElement("div");
  bar.className = "tabs";
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", group.dataset.tabs);
  const buttons = panels.map((panel, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.id = `${panel.id}-tab`;
    button.textContent = panel.dataset.tab;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", panel.id);
    button.addEventListener("click", () => choose(at));
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    bar.append(button);
    return button;
  });
  function choose(wanted) {
    panels.forEach((panel, at) => {
      panel.hidden = at !== wanted;
      buttons[at].setAttribute("aria-selected", String(at === wanted));
      buttons[at].tabIndex = at === wanted ? 0 : -1;
    });
  }
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (at < 0 || step === undefined) return;
    const next = (at + step + buttons.length) % buttons.length;
    choose(next);
    buttons[next].focus();
    event.preventDefault();
  });
  group.prepend(bar);
  const named = panels.findIndex((panel) => `#${panel.id}` === location.hash);
  choose(Math.max(0, named));
}

/** Forms and buttons with data-confirm ask back. Without a script the form's own page does. */
function confirmations() {
  document.addEventListener("submit", (event) => {
    const words = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (words && !window.confirm(words)) event.preventDefault();
  });
}

function enhance(root) {
  localTimes(root);
  copyButtons(root);
  for (const group of root.querySelectorAll("[data-tabs]")) tabs(group);
}

enhance(document);
confirmations();
document.body.addEventListener("htmx:afterSettle", (event) => enhance(event.detail.elt));
// An error's page stands where the answer would have stood.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const kind = event.detail.xhr.getResponseHeader("content-type") ?? "";
  if (event.detail.xhr.status >= 400 && kind.startsWith("text/html")) event.detail.shouldSwap = true;
});
