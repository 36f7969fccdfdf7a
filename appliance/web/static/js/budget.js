/** What is left to the person of this page, in a sentence. */

/**
 * @typedef {{ left_micro: number, limit_micro: number, given_micro: number, left: string, window: string,
 *   about: { model: string, questions: number, tokens: number } | null }} Limit
 */

/**
 * @returns {Promise<string>} empty where the box does not say
 */
export async function budgetLeft() {
  try {
    const response = await fetch("/v1/me", { cache: "no-store", credentials: "same-origin" });
    return response.ok ? sentenceOf(await response.json()) : "";
  } catch {
    return "";
  }
}

/**
 * Of the limit of which the least part is left.
 *
 * @param {{ allocations?: Limit[], budget?: { left: string, limit_micro: number | null } }} me
 * @returns {string}
 */
export function sentenceOf(me) {
  const limits = [...(me.allocations ?? [])].sort((one, other) => part(one) - part(other));
  if (limits.length) {
    const [least] = limits;
    const about = least.about ? `, about ${least.about.tokens} tokens of ${least.about.model}` : "";
    return `Left${WINDOWS[least.window] ?? ""}: ${least.left} credits${about}.`;
  }
  if (!me.budget || me.budget.limit_micro === null) return "No limit on what you may spend.";
  return `Left to your project: ${me.budget.left} credits.`;
}

/** @type {Record<string, string>} */
const WINDOWS = { day: " today", term: " this term" };

/**
 * @param {Limit} limit
 * @returns {number}
 */
function part(limit) {
  const whole = limit.limit_micro + limit.given_micro;
  return whole > 0 ? limit.left_micro / whole : 0;
}
