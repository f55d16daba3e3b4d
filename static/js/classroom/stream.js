/**
 * Server-sent events over `fetch`, which an EventSource cannot give a header. A lost connection is
 * made again; each event has the whole state, so that nothing is missed.
 */

const SOON = 500; // ms before the first attempt to connect again
const LATE = 5000; // ms between attempts at most
const SILENT = 40_000; // ms without the server's sign of life, which comes every 15 s
const GONE = [401, 403, 404]; // the room ended, or the key is not its key: do not ask again

/**
 * The data of events in what has arrived, and the rest that is not whole yet.
 * @param {string} text
 * @returns {{events: unknown[], rest: string}}
 */
export function readEvents(text) {
  const blocks = text.split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = blocks
    .map((block) =>
      block
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trim())
        .join("\n"),
    )
    .filter(Boolean)
    .map((data) => JSON.parse(data));
  return { events, rest };
}

/** @typedef {"live" | "lost" | "gone"} Link */
/**
 * @param {string} address
 * @template T what the route sends
 * @param {{headers?: Record<string, string>, heard: (state: T) => void,
 *   became: (link: Link) => void, poll?: () => Promise<T>,
 *   send?: typeof fetch, sleep?: (ms: number) => Promise<void>}} options heard: an event; poll:
 *   asks for the state where the server has no place for another stream
 */
export function follow(
  address,
  {
    headers = {},
    heard,
    became,
    poll,
    send = (...all) => fetch(...all),
    sleep = (ms) => new Promise((done) => setTimeout(done, ms)),
  },
) {
  let closed = false;
  /** @type {AbortController | null} */
  let current = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let watch;

  const alive = () => {
    clearTimeout(watch);
    watch = setTimeout(() => current?.abort(), SILENT);
  };

  /** @returns {Promise<"gone" | "full" | "cut" | "failed">} how it ended */
  async function once() {
    current = new AbortController();
    alive();
    const response = await send(address, { headers, signal: current.signal, cache: "no-store" });
    if (GONE.includes(response.status)) return "gone";
    if (!response.ok || !response.body) return response.status === 503 ? "full" : "failed";
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    became("live");
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return "cut";
      alive();
      const found = readEvents(rest + value);
      rest = found.rest;
      for (const event of found.events) heard(/** @type {T} */ (event));
    }
  }

  async function run() {
    let wait = SOON;
    while (!closed) {
      let end = /** @type {"gone" | "full" | "cut" | "failed"} */ ("failed");
      try {
        end = await once();
      } catch {
        // the server or the network is away
      }
      clearTimeout(watch);
      if (closed) return;
      if (end === "gone") return became("gone");
      if (end === "full" && poll) {
        try {
          heard(await poll());
          became("live");
        } catch {
          became("lost");
        }
      } else became("lost");
      wait = end === "cut" ? SOON : Math.min(LATE, 2 * wait);
      await sleep(wait * (0.75 + 0.5 * Math.random()));
    }
  }
  const done = run();

  return {
    /** Connect again now. */
    reconnect: () => current?.abort(),
    close() {
      closed = true;
      clearTimeout(watch);
      current?.abort();
      return done;
    },
  };
}

/** @typedef {ReturnType<typeof follow>} Following */
