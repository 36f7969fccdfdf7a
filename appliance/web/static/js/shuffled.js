/** Order and numbers by chance. */

/**
 * @template T
 * @param {readonly T[]} items
 * @returns {T[]} the same ones, every order as likely as any other
 */
export function shuffled(items) {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** @returns {number} a seed: 32 bits */
export function drawn() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

/**
 * @param {number} bound
 * @returns {number} evenly drawn from 0 to under `bound`
 */
function below(bound) {
  const even = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const number = drawn();
    if (number < even) return number % bound;
  }
}
