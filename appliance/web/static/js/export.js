/**
 * A conversation as a file, made here in the browser. The key is in none of them.
 *
 * @typedef {{ role: "system" | "user" | "assistant", content: string }} Message
 * @typedef {{ model: string, parameters: Record<string, unknown>, seed: string, fingerprint: string,
 *   requestId: string, promptTokens: number | null, completionTokens: number | null }} Circumstances
 * @typedef {{ question: string, answer: string, circumstances: Circumstances }} Turn
 * @typedef {{ system: string, turns: Turn[] }} Chat
 */

/**
 * @param {Chat} chat
 * @param {string} baseUrl
 * @param {Date} now
 * @returns {string}
 */
export function asJson(chat, baseUrl, now) {
  const turns = chat.turns.map(({ question, answer, circumstances }) => ({ question, answer, ...circumstances }));
  const whole = { format: "carrel.chat", version: 1, made: now.toISOString(), base_url: baseUrl };
  return JSON.stringify({ ...whole, system: chat.system, turns }, null, 2) + "\n";
}

/**
 * A notebook that asks the same again, with the answers of now as its output.
 *
 * @param {Chat} chat
 * @param {string} baseUrl
 * @returns {string}
 */
export function asNotebook(chat, baseUrl) {
  const cells = [
    markdown("# A chat with a model of this box\n\nPut your key into the environment: `OPENAI_API_KEY`."),
    code(opening(chat.system, baseUrl)),
    ...chat.turns.flatMap((turn) => [markdown(quoted(turn.question)), code(asking(turn), turn.answer)]),
  ];
  const named = cells.map((cell, place) => ({ id: `cell-${place}`, ...cell }));
  const kernelspec = { display_name: "Python 3", language: "python", name: "python3" };
  return JSON.stringify({ cells: named, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }, null, 1) + "\n";
}

/**
 * Let the browser save a text as a file.
 *
 * @param {string} name
 * @param {string} type
 * @param {string} text
 */
export function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * @param {string} system
 * @param {string} baseUrl
 * @returns {string}
 */
function opening(system, baseUrl) {
  const messages = system ? `[{"role": "system", "content": ${literal(system)}}]` : "[]";
  return [
    "import os",
    "",
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${literal(baseUrl)}, api_key=os.environ["OPENAI_API_KEY"])`,
    `messages = ${messages}`,
  ].join("\n");
}

/**
 * @param {Turn} turn
 * @returns {string}
 */
function asking({ question, circumstances }) {
  const { model, parameters, seed } = circumstances;
  const more = Object.entries(parameters).map(([name, value]) => `, ${name}=${JSON.stringify(value)}`);
  // As digits: a seed may have more of them than a number of JavaScript.
  if (/^\d+$/.test(seed) && !("seed" in parameters)) more.push(`, seed=${seed}`);
  return [
    `messages.append({"role": "user", "content": ${literal(question)}})`,
    `answer = client.chat.completions.create(model=${literal(model)}, messages=messages${more.join("")})`,
    'messages.append({"role": "assistant", "content": answer.choices[0].message.content})',
    "print(answer.choices[0].message.content)",
  ].join("\n");
}

/**
 * Python reads JSON's texts as its own.
 *
 * @param {string} text
 * @returns {string}
 */
function literal(text) {
  return JSON.stringify(text);
}

/**
 * @param {string} text
 * @returns {string} as a quotation in markdown, so that a question cannot make headings or HTML
 */
function quoted(text) {
  const safe = text.replace(/[&<>]/g, (one) => `&#${one.charCodeAt(0)};`);
  return safe.split("\n").map((line) => `> ${line}`).join("\n");
}

/**
 * @param {string} source
 * @returns {object}
 */
function markdown(source) {
  return { cell_type: "markdown", metadata: {}, source: lines(source) };
}

/**
 * @param {string} source
 * @param {string} [output]
 * @returns {object}
 */
function code(source, output) {
  const outputs = output === undefined ? [] : [{ output_type: "stream", name: "stdout", text: lines(output) }];
  return { cell_type: "code", execution_count: null, metadata: {}, outputs, source: lines(source) };
}

/**
 * As notebooks keep texts.
 *
 * @param {string} text
 * @returns {string[]}
 */
function lines(text) {
  return text.split(/(?<=\n)/);
}
