/** Asks one question and has its answer shown as it comes, timed. */

import { answerTo } from "./answer.js";
import { Refusal } from "./refusal.js";

/**
 * @typedef {import("./answer_view.js").AnswerView} AnswerView
 * @typedef {import("./answer.js").News} News
 * @typedef {import("./figures.js").Measures} Measures
 * @typedef {"finished" | "stopped" | "refused"} Outcome
 */

/** Of one question. */
export class Asking {
  /** @type {Measures} */
  measures = {
    promptTokens: null,
    completionTokens: null,
    firstWordMs: null,
    wholeMs: 0,
    seed: "",
    fingerprint: "",
    requestId: "",
  };
  /** @type {string} */
  reason = "";
  #view;
  #streams;
  #began = performance.now();
  #ends = new AbortController();

  /**
   * @param {AnswerView} view
   * @param {{ streams?: boolean }} [how] `streams` false: the answer comes whole, and has no first word
   */
  constructor(view, { streams = true } = {}) {
    this.#view = view;
    this.#streams = streams;
  }

  /** Stop: the connection ends, and the run on the box with it. */
  stop() {
    this.#ends.abort();
  }

  /**
   * @param {string} path
   * @param {unknown} body
   * @param {string} csrf
   * @returns {Promise<Outcome>}
   */
  async run(path, body, csrf) {
    this.#view.state("Sent. Waiting for the first word …");
    try {
      for await (const news of answerTo(path, body, { csrf, signal: this.#ends.signal })) this.#take(news);
      return "finished";
    } catch (error) {
      if (this.#ends.signal.aborted) return "stopped";
      if (!(error instanceof Refusal)) throw error;
      this.#view.refused(error);
      return "refused";
    } finally {
      this.measures.wholeMs = performance.now() - this.#began;
      this.#view.finish();
    }
  }

  /** @param {News} news */
  #take(news) {
    switch (news.kind) {
      case "begun":
        return this.#begun(news);
      case "waiting":
        return this.#view.state(waits(news.position, news.etaS));
      case "text":
        this.#spoke();
        return this.#view.say(news.text);
      case "thought":
        this.#spoke();
        return this.#view.think(news.text);
      case "call":
        this.#spoke();
        return this.#view.call(news.index, news.name, news.text);
      case "ended":
        return this.#ended(news);
    }
  }

  /** @param {import("./answer.js").Begun} news */
  #begun(news) {
    this.measures.seed = news.seed;
    this.measures.requestId = news.requestId;
    if (news.position) this.#view.state(waits(news.position, null));
    const away = news.leavesBox && `Your words left this box: they went to ${news.leavesBox}.`;
    this.#view.notice([news.notice, away].filter(Boolean).join(" "));
  }

  #spoke() {
    if (!this.#streams || this.measures.firstWordMs !== null) return;
    this.measures.firstWordMs = performance.now() - this.#began;
    this.#view.state("Answering …");
  }

  /** @param {import("./answer.js").Ended} news */
  #ended(news) {
    this.reason = news.reason;
    this.measures.fingerprint = news.fingerprint;
    this.measures.promptTokens = news.promptTokens;
    this.measures.completionTokens = news.completionTokens;
  }
}

/**
 * @param {number} position
 * @param {number | null} etaS
 * @returns {string}
 */
function waits(position, etaS) {
  const place = position === 1 ? "You are next in line." : `You are number ${position} in line.`;
  return etaS === null ? place : `${place} About ${etaS} s to wait.`;
}
