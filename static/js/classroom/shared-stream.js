/**
 * One event stream for all tabs of a browser, which has six connections to a server. One tab leads:
 * it follows what any of them wants, and passes on what it hears. Tabs find each other by a
 * BroadcastChannel, which is also there without HTTPS and on phones; locks and workers are not.
 */
import { API } from "../core/root.js";
import { createRoom } from "./room.js";
import { follow } from "./stream.js";

const NAME = "backprop-explorer.rooms";
const ASK = 1500; // ms between two signs of life; once a minute in a tab that nobody looks at
const ANSWER = 600; // ms that a tab waits for a leader's answer
const FORGET = 150_000; // ms until a tab that gives no sign is forgotten

/**
 * @typedef {{room: string, key?: string, token?: string, screen?: string}} Want
 * @typedef {{[name: string]: (state: any) => void}} Handlers any: by the name of the event
 * @typedef {{want: Want, handlers: Handlers, became: (link: Link) => void}} Subscription
 * @typedef {{postMessage: (message: object) => void, onmessage: ((event: {data: any}) => void) |
 *   null}} Channel any: of another tab
 * @typedef {{heard: (event: Heard) => void, became: (link: Link) => void}} Listeners
 */

/** @param {Api} api @returns {(wants: Want[], listeners: Listeners) => Following} */
const opener = (api) => (wants, listeners) =>
  follow(`${API}/rooms/events`, {
    ...listeners,
    body: { rooms: wants },
    poll: async () => {
      const asked = wants.flatMap(({ room, ...secrets }) => {
        const client = createRoom(api, room, secrets);
        /** @param {string} name @param {() => Promise<object>} ask */
        const event = async (name, ask) => ({ name, data: { room, state: await ask() } });
        return [
          event("room", client.state),
          ...(secrets.key ? [event("tally", client.tally)] : []),
          ...(secrets.screen ? [event("screen", client.screen)] : []),
        ];
      });
      return Promise.all(asked);
    },
  });

/** @returns {Channel | null} null where there is none: each tab follows alone */
const channelOf = () =>
  "BroadcastChannel" in globalThis
    ? /** @type {Channel} */ (/** @type {unknown} */ (new BroadcastChannel(NAME)))
    : null;

/**
 * @param {Api} api
 * @param {{open?: (wants: Want[], listeners: Listeners) => Following, channel?: Channel | null,
 *   id?: string, now?: () => number}} [options] replaced in tests
 */
export function createSharedStream(
  api,
  {
    open = opener(api),
    channel = channelOf(),
    id = `${Math.random()}`.slice(2),
    now = () => performance.now(),
  } = {},
) {
  /** @type {Subscription[]} */
  const subscriptions = [];
  /** What other tabs want while this one leads. @type {Map<string, {wants: Want[], at: number}>} */
  const tabs = new Map();
  /** The last event of each kind and room. @type {Map<string, Heard>} */
  const last = new Map();
  let leads = false;
  let link = /** @type {Link} */ ("live");
  let followed = "[]";
  /** @type {Following | null} */
  let stream = null;
  let leaderAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} type @param {object} [more] */
  const say = (type, more) => channel?.postMessage({ type, from: id, ...more });

  function deliver(/** @type {Heard} */ { name, data }) {
    for (const { handlers, became } of subscriptions.filter(
      ({ want }) => want.room === data.room,
    )) {
      if (name === "ended") became("gone");
      else handlers[name]?.(data.state);
    }
  }

  function linked(/** @type {Link} */ next) {
    link = next;
    for (const { became } of subscriptions) became(next);
  }

  /** Follow what all tabs want, in one stream. */
  function refresh() {
    if (!leads) return;
    /** @type {Map<string, Want>} */
    const all = new Map();
    for (const want of [
      subscriptions.map(({ want }) => want),
      ...[...tabs.values()].map((t) => t.wants),
    ].flat())
      all.set(want.room, { ...all.get(want.room), ...want });
    const wants = [...all.values()].sort((a, b) => (a.room < b.room ? -1 : 1));
    const text = JSON.stringify(wants);
    if (text === followed) return;
    followed = text;
    stream?.close();
    stream = wants.length
      ? open(wants, {
          heard(event) {
            last.set(`${event.name} ${event.data.room}`, event);
            say("news", { event });
            deliver(event);
          },
          became(next) {
            say("link", { link: next });
            linked(next);
          },
        })
      : null;
  }

  function lead() {
    leads = true;
    say("lead");
    refresh();
  }

  function follows() {
    leads = false;
    followed = "[]";
    stream?.close();
    stream = null;
    tabs.clear();
    last.clear();
  }

  /** Ask who leads; lead if nobody does. */
  function ask() {
    clearTimeout(timer);
    if (leads) {
      for (const [tab, { at }] of tabs) if (now() - at > FORGET) tabs.delete(tab);
      say("lead");
      refresh();
      timer = setTimeout(ask, ASK);
      return;
    }
    const asked = now();
    say("want", { wants: subscriptions.map(({ want }) => want) });
    timer = setTimeout(() => {
      if (leaderAt < asked) lead();
      timer = setTimeout(ask, ASK);
    }, ANSWER);
  }

  /** @type {Record<string, (message: any) => void>} any: of another tab */
  const meanings = {
    want({ from, wants }) {
      if (!leads) return;
      const known = JSON.stringify(tabs.get(from)?.wants) === JSON.stringify(wants);
      tabs.set(from, { wants, at: now() });
      say("lead");
      if (known) return;
      refresh();
      for (const event of last.values()) say("news", { event, to: from });
      say("link", { link });
    },
    lead({ from }) {
      leaderAt = now();
      if (!leads) return;
      if (from < id) {
        follows();
        ask();
      } else say("lead");
    },
    news({ event, to }) {
      leaderAt = now();
      if (!leads && (to === undefined || to === id)) deliver(event);
    },
    link: ({ link: next }) => !leads && linked(next),
    bye({ from, led }) {
      tabs.delete(from);
      refresh();
      if (led && !leads) ask();
    },
  };
  if (channel) channel.onmessage = ({ data }) => meanings[data.type]?.(data);

  const leave = () => {
    clearTimeout(timer);
    say("bye", { led: leads });
    follows();
  };
  const back = () => {
    stream?.wake();
    if (subscriptions.length) ask();
  };
  globalThis.addEventListener?.("pagehide", leave);
  globalThis.addEventListener?.("pageshow", ({ persisted }) => persisted && back());
  globalThis.addEventListener?.("online", () => stream?.reconnect());
  globalThis.document?.addEventListener("visibilitychange", () => document.hidden || back());

  return {
    /**
     * @param {Want} want @param {Handlers} handlers by the name of an event: room, tally, screen
     * @param {Subscription["became"]} became
     */
    follow(want, handlers, became) {
      subscriptions.push({ want, handlers, became });
      ask();
    },
    leave,
    get leads() {
      return leads;
    },
  };
}

/** @typedef {import("./stream.js").Following} Following */
