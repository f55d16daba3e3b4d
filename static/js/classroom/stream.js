/**
 * Server-sent events of rooms over `fetch`, which an EventSource cannot give a body. A lost
 * connection is made again; each event has the whole state, so that nothing is missed.
 */

const SOON = 500; // ms before the first attempt to connect again
const LATE = 5000; // ms between attempts at most
const SILENT = 40_000; // ms without the server's sign of life, which comes every 15 s
const ASLEEP = 16_000; // ms without one, after which a page that is looked at again connects again
const GONE = 404; // none of the rooms is there, or for us: do not ask again

/**
 * The events in what has arrived, and the rest that is not whole yet.
 * @param {string} text @returns {{events: Heard[], rest: string}}
 */
export function readEvents(text) {
  const blocks = text.split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = blocks.flatMap((block) => {
    const lines = block.split("\n");
    const of = (/** @type {string} */ field) =>
      lines.flatMap((line) => (line.startsWith(`${field}:`) ? [line.slice(field.length + 1)] : []));
    const data = of("data").join("\n").trim();
    return data ? [{ name: (of("event")[0] ?? "").trim(), data: JSON.parse(data) }] : [];
  });
  return { events, rest };
}

/**
 * @param {string} address
 * @param {{body: object, heard: (event: Heard) => void, became: (link: Link) => void,
 *   poll?: () => Promise<Heard[]>, send?: typeof fetch, sleep?: (ms: number) => Promise<void>}}
 *   options poll: asks for the states where the server has no place for another stream
 */
export function follow(
  address,
  {
    body,
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
  let last = 0;

  const alive = () => {
    last = performance.now();
    clearTimeout(watch);
    watch = setTimeout(() => current?.abort(), SILENT);
  };

  /** @returns {Promise<"gone" | "full" | "cut" | "failed">} how it ended */
  async function once() {
    current = new AbortController();
    alive();
    const response = await send(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: current.signal,
      cache: "no-store",
    });
    if (response.status === GONE) return "gone";
    if (!response.ok || !response.body) return response.status === 503 ? "full" : "failed";
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    became("live");
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return "cut";
      alive();
      const part = readEvents(rest + value);
      rest = part.rest;
      for (const event of part.events) if (!closed) heard(event);
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
          for (const event of await poll()) heard(event);
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
    /** The page is looked at again: a phone that slept may have lost the connection unnoticed. */
    wake() {
      if (performance.now() - last > ASLEEP) current?.abort();
    },
    close() {
      closed = true;
      clearTimeout(watch);
      current?.abort();
      return done;
    },
  };
}

/** @typedef {ReturnType<typeof follow>} Following */
