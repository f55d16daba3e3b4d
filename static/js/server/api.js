/**
 * The server, as the page sees it. Errors are one of three: Problem (the server says what is
 * wrong), Lost (it does not answer), or an AbortError (we no longer want the answer).
 */

import { unpackFrame } from "../core/decode.js";
import { TEXT } from "../text/en.js";

export class Problem extends Error {
  constructor(/** @type {Partial<Schemas["ProblemDetails"]>} */ body) {
    super(body.detail || body.title || TEXT.server.refusal);
    this.status = body.status ?? 0;
    this.errors = body.errors ?? [];
    this.table = body.table ?? null; // the first rows of one that is refused
  }

  /** Why, in a row. */
  get reasons() {
    return this.errors.map(({ message }) => message).join("; ") || this.message;
  }

  /** What is wrong, by the name of the field. */
  get fields() {
    return Object.fromEntries(
      this.errors.map(({ field, message }) => [field.replace(/^body\./, ""), message]),
    );
  }
}

export class Lost extends Error {}

const aborted = () => new DOMException("no longer wanted", "AbortError");

/**
 * Where rows have several targets, figures show the first; all of them are in `targets`.
 * @param {any} data any: it changes from the wire's form to Data in place @returns {Data}
 */
function withFirstTarget(data) {
  for (const part of [data.train, data.test]) {
    if (!Array.isArray(part.target[0])) continue;
    part.targets = part.target;
    part.target = part.targets.map((/** @type {number[]} */ row) => row[0]);
  }
  return data;
}

/**
 * @template T
 * @typedef {(id: string, step: number, options: Query, signal?: AbortSignal,
 *   onProgress?: (progress: Progress) => void) => Promise<T>} OfStep of an experiment
 */

/** @param {string} method @param {unknown} body @param {AbortSignal} [signal] */
const json = (method, body, signal, headers = {}) => ({
  method,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
  signal,
});

/**
 * @param {string} base e.g. "/api/v1" @param {typeof fetch} [send] replaced in tests
 * @param {string} [lost] what to say where the server does not answer
 */
export function createApi(base, send = (...args) => fetch(...args), lost = TEXT.server.noAnswer) {
  /**
   * @param {string} path @param {RequestInit} [options]
   * @returns {Promise<{status: number, body: any}>} any: of the route
   */
  async function call(path, options = {}) {
    let response;
    let body;
    try {
      response = await send(base + path, options);
      body = await response.json();
    } catch (error) {
      if (options.signal?.aborted) throw aborted();
      if (response && error instanceof SyntaxError)
        throw new Problem({ status: response.status, title: TEXT.server.notJson(response.status) });
      throw new Lost(lost);
    }
    if (options.signal?.aborted) throw aborted();
    // A proxy in front of a server that is restarting is as good as no server.
    if (response.status === 502 || response.status === 504) throw new Lost(lost);
    if (!response.ok) throw new Problem({ ...body, status: response.status });
    return { status: response.status, body };
  }

  const query = (/** @type {Query} */ values) => {
    const filled = Object.entries(values).filter(
      ([, value]) => value !== undefined && value !== null && value !== "",
    );
    return filled.length
      ? `?${new URLSearchParams(filled.map(([key, value]) => [key, String(value)]))}`
      : "";
  };

  /**
   * Repeat a request until the answer is there: 202 says how far the computation has come, and the
   * server keeps what it has computed.
   * @param {string} path @param {RequestInit} options
   * @param {(progress: Progress) => void} [onProgress] @returns {Promise<any>} any: of the route
   */
  async function patient(path, options, onProgress) {
    for (;;) {
      const { status, body } = await call(path, options);
      if (status !== 202) return body;
      onProgress?.(body);
    }
  }

  /** @param {string} part of a step @returns {OfStep<any>} any: of the route */
  const ofStep = (part) => (id, step, options, signal, onProgress) =>
    patient(`/experiments/${id}/frames/${step}${part}${query(options)}`, { signal }, onProgress);

  return {
    /** @param {string} path @param {Query} [values] @param {AbortSignal} [signal] */
    get: async (path, values = {}, signal) => (await call(path + query(values), { signal })).body,
    /** @param {string} path @param {object} body @param {AbortSignal} [signal] */
    post: async (path, body, signal) => (await call(path, json("POST", body, signal))).body,
    /**
     * Any other request, repeated while the answer is 202.
     * @param {string} method @param {string} path
     * @param {{body?: object, headers?: Record<string, string>, signal?: AbortSignal}} [options]
     * @returns {Promise<any>} any: of the route
     */
    request: (method, path, { body, headers = {}, signal } = {}) =>
      patient(path, json(method, body, signal, headers)),
    /**
     * A file to download; the request is repeated until a far step is computed.
     * @param {string} path @param {Query} [options] @param {Record<string, string>} [headers]
     */
    file: async (path, options = {}, headers = {}) => {
      for (;;) {
        let response;
        try {
          response = await send(base + path + query(options), { headers });
        } catch {
          throw new Lost(lost);
        }
        if (response.status === 202) continue;
        if (!response.ok)
          throw new Problem({
            ...(await response.json().catch(() => ({}))),
            status: response.status,
          });
        const name =
          /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ??
          "export";
        return { blob: await response.blob(), name };
      }
    },
    /**
     * @param {string | Blob} table text, or a file as it is
     * @param {TableChoices} choices @param {AbortSignal} [signal] @returns {Promise<TableAnswer>}
     */
    upload: async (table, choices, signal) => {
      const filled = Object.fromEntries(
        Object.entries(choices).filter(([, value]) => value !== null && value !== undefined),
      );
      if (typeof table === "string")
        return (await call("/datasets", json("POST", { csv: table, ...filled }, signal))).body;
      const values = new URLSearchParams(
        Object.entries(filled).flatMap(([name, value]) =>
          [value].flat().map((one) => [name, String(one)]),
        ),
      );
      const headers = { "content-type": "text/csv" };
      const options = { method: "POST", headers, body: table, signal };
      return (await call(`/datasets?${values}`, options)).body;
    },
    /** @type {OfStep<Shares>} */
    shares: ofStep("/shares"),
    /** @type {OfStep<SliceAnswer>} */
    slice: ofStep("/slice"),
    /** @type {OfStep<Trace>} */
    trace: ofStep("/trace"),
    /** @type {OfStep<Frame>} */
    frame: async (id, step, options, ...rest) =>
      unpackFrame(await ofStep("")(id, step, { ...options, arrays: "base64" }, ...rest)),
    /** @returns {Promise<Catalog>} */
    catalog: async () => (await call("/catalog")).body,
    /** @param {RecipePart} recipe @param {AbortSignal} [signal] @returns {Promise<Experiment>} */
    createExperiment: async (recipe, signal) => {
      const { body } = await call("/experiments", json("POST", recipe, signal));
      // Version 1 of the wire calls the recipe `experiment`.
      const { experiment, ...answer } = body;
      return { recipe: experiment, ...answer };
    },
    /** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Data>} */
    data: async (id, signal) =>
      withFirstTarget((await call(`/experiments/${id}/data`, { signal })).body),
    /**
     * Frames and workings of several steps, at least one.
     * @param {string} id @param {Query} options @param {AbortSignal} [signal]
     * @param {(progress: Progress) => void} [onProgress]
     * @returns {Promise<{frame: Frame, trace: Trace}[]>}
     */
    steps: async (id, options, signal, onProgress) => {
      const path = `/experiments/${id}/steps${query({ ...options, arrays: "base64" })}`;
      const { steps } = await patient(path, { signal }, onProgress);
      for (const { frame } of steps) unpackFrame(frame);
      return steps;
    },
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";
