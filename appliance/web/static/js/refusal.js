/** Why something was not answered, in words, as the box says them. */

/** What the box refused, or that it could not be reached. */
export class Refusal extends Error {
  /**
   * @param {string} message one sentence for a person
   * @param {{ status?: number, code?: string, requestId?: string, retryAfterS?: number | null }} [more]
   */
  constructor(message, { status = 0, code = "", requestId = "", retryAfterS = null } = {}) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.retryAfterS = retryAfterS;
  }
}

/**
 * From an answer with an error status.
 *
 * @param {Response} response
 * @returns {Promise<Refusal>}
 */
export async function refusalOf(response) {
  const body = await response.json().catch(() => null);
  const retryAfterS = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  return refusalIn(body, {
    status: response.status,
    requestId: response.headers.get("x-request-id") ?? "",
    retryAfterS: Number.isNaN(retryAfterS) ? null : retryAfterS,
  });
}

/**
 * From the JSON of an error, wherever it came: as a body, or as the last event of a stream.
 *
 * @param {unknown} body
 * @param {{ status?: number, requestId?: string, retryAfterS?: number | null }} [about]
 * @returns {Refusal}
 */
export function refusalIn(body, about = {}) {
  const error = /** @type {{ error?: Record<string, unknown> } | null} */ (body)?.error ?? {};
  return new Refusal(text(error.message) || `The box answered with ${about.status || "an error"}.`, {
    status: about.status,
    code: text(error.code),
    requestId: text(error.request_id) || about.requestId,
    retryAfterS: about.retryAfterS,
  });
}

/** @returns {Refusal} what a person is told when nothing came back at all */
export function unreachable() {
  return new Refusal("The box did not answer. Look whether this computer is still on its network.", {
    code: "unreachable",
  });
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function text(value) {
  return typeof value === "string" ? value : "";
}
