/**
 * What is told of an answer beside its words. All of it was counted by the box or timed in this page; what is
 * not known is left out.
 *
 * @typedef {object} Measures
 * @property {number | null} promptTokens
 * @property {number | null} completionTokens
 * @property {number | null} firstWordMs from sending to the first text, null where it came whole
 * @property {number} wholeMs from sending to the end
 * @property {string} seed
 * @property {string} fingerprint
 * @property {string} requestId
 */

/** Of fewer tokens a pace says nothing. */
const LEAST_TOKENS = 5;

/**
 * @param {Measures} measures
 * @returns {[string, string][]} names and values, to be shown in this order
 */
export function figuresOf(measures) {
  /** @type {[string, string | null][]} */
  const all = [
    ["Tokens in", count(measures.promptTokens)],
    ["Tokens out", count(measures.completionTokens)],
    ["First word", duration(measures.firstWordMs)],
    ["Whole answer", duration(measures.wholeMs)],
    ["Tokens a second", pace(measures)],
    ["Seed", measures.seed],
    ["Revision", measures.fingerprint],
  ];
  return all.flatMap(([name, value]) => (value ? [/** @type {[string, string]} */ ([name, value])] : []));
}

/**
 * Between the first and the last token; of an answer that came whole, over all of its time.
 *
 * @param {Measures} measures
 * @returns {string | null}
 */
export function pace({ completionTokens, firstWordMs, wholeMs }) {
  if (completionTokens === null) return null;
  const [tokens, ms] =
    firstWordMs === null ? [completionTokens, wholeMs] : [completionTokens - 1, wholeMs - firstWordMs];
  if (tokens < LEAST_TOKENS || ms <= 0) return null;
  return rounded((tokens * 1000) / ms);
}

/**
 * @param {number | null} ms
 * @returns {string | null}
 */
export function duration(ms) {
  if (ms === null) return null;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${rounded(ms / 1000)} s`;
}

/**
 * @param {number | null} number
 * @returns {string | null}
 */
export function count(number) {
  return number === null ? null : String(number);
}

/**
 * @param {string} text
 * @returns {string} how many words it has
 */
export function wordsIn(text) {
  const words = text.split(/\s+/).filter(Boolean).length;
  return words === 1 ? "1 word" : `${words} words`;
}

/**
 * @param {number} number
 * @returns {string}
 */
function rounded(number) {
  return number < 10 ? number.toFixed(1) : String(Math.round(number));
}
