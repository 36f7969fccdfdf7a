/**
 * One answer of a model as a row of news, whether it is streamed or whole. Knows the wire, and no page.
 *
 * @typedef {{ kind: "begun", requestId: string, seed: string, position: number, notice: string,
 *   leavesBox: string }} Begun
 * @typedef {{ kind: "waiting", position: number, etaS: number | null }} Waiting
 * @typedef {{ kind: "text" | "thought", text: string }} Said
 * @typedef {{ kind: "call", index: number, name: string, text: string }} Called
 * @typedef {{ kind: "ended", reason: string, fingerprint: string, promptTokens: number | null,
 *   completionTokens: number | null }} Ended
 * @typedef {Begun | Waiting | Said | Called | Ended} News
 */

import { Refusal, refusalIn, refusalOf, unreachable } from "./refusal.js";
import { eventsOf } from "./sse.js";

const QUEUE = /^queue position=(\d+)(?: eta_s=(\d+))?/;

/**
 * Ask, and tell of the answer as it comes. Raises `Refusal`; an `AbortError` where `signal` ended it.
 *
 * @param {string} path
 * @param {unknown} body sent as JSON, or as the form that it is
 * @param {{ csrf: string, signal: AbortSignal }} how
 * @returns {AsyncGenerator<News>}
 */
export async function* answerTo(path, body, { csrf, signal }) {
  const response = await asked(path, body, csrf, signal);
  if (!response.ok) throw await refusalOf(response);
  yield begun(response);
  const streamed = (response.headers.get("content-type") ?? "").startsWith("text/event-stream");
  try {
    if (streamed && response.body) yield* chunksOf(response.body);
    else yield* wholeOf(await response.json());
  } catch (error) {
    throw error instanceof TypeError && !signal.aborted ? unreachable() : error;
  }
}

/**
 * @param {string} path
 * @param {unknown} body
 * @param {string} csrf
 * @param {AbortSignal} signal
 * @returns {Promise<Response>}
 */
async function asked(path, body, csrf, signal) {
  const isForm = body instanceof URLSearchParams;
  const kind = isForm ? "application/x-www-form-urlencoded" : "application/json";
  const headers = { "content-type": kind, "x-carrel-csrf": csrf };
  try {
    return await fetch(path, {
      method: "POST",
      headers,
      body: isForm ? body : JSON.stringify(body),
      signal,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
    });
  } catch (error) {
    throw signal.aborted ? error : unreachable();
  }
}

/**
 * @param {Response} response
 * @returns {Begun}
 */
function begun(response) {
  const header = (/** @type {string} */ name) => response.headers.get(name) ?? "";
  return {
    kind: "begun",
    requestId: header("x-request-id"),
    seed: header("x-carrel-seed"),
    position: Number(header("x-carrel-queue-position")) || 0,
    notice: header("x-carrel-notice"),
    leavesBox: header("x-carrel-leaves-box"),
  };
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<News>}
 */
async function* chunksOf(body) {
  const end = new End();
  for await (const item of eventsOf(body)) {
    if (item.kind === "comment") yield* waiting(item.text);
    else if (item.text === "[DONE]") return yield end.news();
    else yield* newsIn(read(item.text), end);
  }
  throw new Refusal("The answer broke off before its end. Send the question again.", { code: "broken_off" });
}

/**
 * @param {string} json
 * @returns {Chunk}
 */
function read(json) {
  const chunk = /** @type {Chunk} */ (JSON.parse(json));
  if (chunk.error) throw refusalIn(chunk);
  return chunk;
}

/**
 * @typedef {{ index?: number, function?: { name?: string, arguments?: string } }} CallPart
 * @typedef {{ content?: string | null, reasoning_content?: string, tool_calls?: CallPart[] }} Turn
 * @typedef {{ delta?: Turn, message?: Turn, finish_reason?: string | null }} Choice
 * @typedef {{ choices?: Choice[], error?: unknown, system_fingerprint?: string,
 *   usage?: { prompt_tokens: number, completion_tokens: number } | null }} Chunk
 */

/** What is known of the end, gathered from several chunks. */
class End {
  reason = "";
  fingerprint = "";
  /** @type {number | null} */
  promptTokens = null;
  /** @type {number | null} */
  completionTokens = null;

  /** @param {Chunk} chunk */
  take(chunk) {
    this.fingerprint ||= chunk.system_fingerprint ?? "";
    this.reason = chunk.choices?.[0]?.finish_reason ?? this.reason;
    this.promptTokens = chunk.usage?.prompt_tokens ?? this.promptTokens;
    this.completionTokens = chunk.usage?.completion_tokens ?? this.completionTokens;
  }

  /** @returns {Ended} */
  news() {
    const { reason, fingerprint, promptTokens, completionTokens } = this;
    return { kind: "ended", reason, fingerprint, promptTokens, completionTokens };
  }
}

/**
 * @param {Chunk} chunk
 * @param {End} end
 * @returns {News[]}
 */
function newsIn(chunk, end) {
  end.take(chunk);
  const choice = chunk.choices?.[0];
  const turn = choice?.delta ?? choice?.message ?? {};
  /** @type {News[]} */
  const news = [];
  if (turn.reasoning_content) news.push({ kind: "thought", text: turn.reasoning_content });
  if (turn.content) news.push({ kind: "text", text: turn.content });
  (turn.tool_calls ?? []).forEach((call, place) => news.push(called(call, place)));
  return news;
}

/**
 * @param {CallPart} call
 * @param {number} place
 * @returns {Called}
 */
function called(call, place) {
  const { name = "", arguments: text = "" } = call.function ?? {};
  return { kind: "call", index: call.index ?? place, name, text };
}

/**
 * @param {Chunk} body
 * @returns {News[]}
 */
function wholeOf(body) {
  const end = new End();
  return [...newsIn(body, end), end.news()];
}

/**
 * @param {string} comment
 * @returns {Waiting[]}
 */
function waiting(comment) {
  const found = QUEUE.exec(comment);
  if (!found) return [];
  return [{ kind: "waiting", position: Number(found[1]), etaS: found[2] ? Number(found[2]) : null }];
}
