/**
 * What a model wrote, as elements of a page. A model may be made to write anything: raw HTML is shown as text,
 * nothing is loaded, and of what is left only a short list of elements and attributes gets through.
 */

// Both hang themselves into the global scope, as scripts of their kind do; they are taken from there once.
import "../vendor/marked.umd.js";
import "../vendor/purify.min.js";

const { Marked } = globalThis.marked;
const { DOMPurify } = globalThis;

/** Longer answers are shown as they are written: reading markdown takes more than linear time. */
const MOST_READ = 200_000;
const ALLOWED_TAGS = [
  ..."p br hr h3 h4 h5 h6 strong em del code pre blockquote".split(" "),
  ..."ul ol li table thead tbody tr th td a #text".split(" "),
];
const ALLOWED = {
  ALLOWED_TAGS,
  ALLOWED_ATTR: ["href", "start"],
  ALLOWED_URI_REGEXP: /^https?:\/\//i,
  // Without this its numbers would have to be addresses.
  ADD_URI_SAFE_ATTR: ["start"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  ALLOW_UNKNOWN_PROTOCOLS: false,
  KEEP_CONTENT: true,
  RETURN_DOM_FRAGMENT: true,
};
const LEAST_HEADING = 3;

const marked = new Marked({ gfm: true, breaks: true, async: false });
marked.use({
  renderer: {
    html: (token) => escaped(token.text),
    image: (token) => escaped(`![${token.text}](${token.href})`),
    checkbox: (token) => (token.checked ? "[x] " : "[ ] "),
    heading(token) {
      const level = Math.min(6, token.depth + LEAST_HEADING - 1);
      return `<h${level}>${this.parser.parseInline(token.tokens)}</h${level}>`;
    },
  },
});

/**
 * @param {string} text markdown that nobody vouches for
 * @returns {DocumentFragment}
 */
export function markdownOf(text) {
  if (text.length > MOST_READ) return plainly(text);
  try {
    return cleaned(/** @type {string} */ (marked.parse(text)));
  } catch (error) {
    // Quotations in quotations, some thousands deep, are more than a parser's stack bears.
    if (error instanceof RangeError) return plainly(text);
    throw error;
  }
}

/**
 * @param {string} html
 * @returns {DocumentFragment}
 */
function cleaned(html) {
  const found = DOMPurify.sanitize(html, ALLOWED);
  found.querySelectorAll("a").forEach(settle);
  found.querySelectorAll("table").forEach(makeScrollable);
  return found;
}

/**
 * @param {string} text
 * @returns {DocumentFragment}
 */
function plainly(text) {
  const fragment = document.createDocumentFragment();
  const paragraph = document.createElement("p");
  paragraph.className = "as-written";
  paragraph.textContent = text;
  fragment.append(paragraph);
  return fragment;
}

/**
 * A link says where it goes; what is no address of the web is no link.
 *
 * @param {HTMLAnchorElement} link
 */
function settle(link) {
  const address = webAddress(link.getAttribute("href") ?? "");
  if (!address) {
    link.replaceWith(...link.childNodes);
    return;
  }
  link.setAttribute("href", address);
  link.rel = "noopener noreferrer nofollow";
  if (link.textContent.trim() !== address) link.after(` (${address})`);
}

/**
 * @param {string} href
 * @returns {string} the address in full, empty for anything but http and https
 */
function webAddress(href) {
  // Relative ones are this box's own pages, and "//host" is another host: neither is the model's to choose.
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href)) return "";
  const url = new URL(href);
  return url.username || url.password ? "" : url.href;
}

/** @param {HTMLTableElement} table */
function makeScrollable(table) {
  const around = document.createElement("div");
  around.className = "scrolls";
  around.tabIndex = 0;
  around.setAttribute("role", "group");
  around.setAttribute("aria-label", "Table in the answer");
  table.replaceWith(around);
  around.append(table);
}

/**
 * @param {string} text
 * @returns {string}
 */
function escaped(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (one) => names[/** @type {keyof typeof names} */ (one)]);
}
