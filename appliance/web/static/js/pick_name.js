/** Finds one's name in a long list by typing a part of it. Without scripts the list alone does. */

import { element } from "./element.js";

const FEW = 8;

/** @param {HTMLSelectElement} list */
function makeSearchable(list) {
  const [none, ...names] = [...list.options];
  if (names.length <= FEW) return;
  const field = element("input", { type: "search", autocomplete: "off", spellcheck: "false", maxlength: "100" });
  const told = element("span", { class: "sr", role: "status" });
  list.closest("label")?.before(element("label", {}, "Find your name", field), told);
  field.addEventListener("input", () => {
    const wanted = plain(field.value);
    const found = names.filter((name) => plain(name.text).includes(wanted));
    list.replaceChildren(none, ...found);
    list.value = wanted && found.length === 1 ? found[0].value : "";
    told.textContent = found.length === 1 ? `${found[0].text} is chosen` : `${found.length} names`;
  });
  field.focus();
}

/** @param {string} text */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

for (const list of document.querySelectorAll("select[data-search]")) {
  if (list instanceof HTMLSelectElement) makeSearchable(list);
}
