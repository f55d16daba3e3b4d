/**
 * The picture of a program: a node for each source line or group, with its value and its gradient,
 * and an edge for each read. Backwards the edges of the current line are its parts: as wide as
 * they are large, in the colour of their sign.
 */
import { at, reads } from "../core/entries.js";
import { number } from "../core/format.js";
import { gradientName, nameOf } from "../core/names.js";
import { firstLine, flowsOf, indexAt, variableOf, writerOf } from "../core/program.js";
import { lineOf, variable } from "../core/trace.js";
import { pointedEntry } from "../state/entry.js";
import { PROGRAMS } from "../text/programs.js";
import {
  closest,
  find,
  h,
  panel,
  patch,
  patchEach,
  s,
  scrolling,
  set,
  windowIs,
} from "../ui/dom.js";
import { box, text, tip } from "../ui/svg.js";
import { arrayShapes, entryAt, planOf, windowFrame } from "./arrays.js";

const HEAD = 22; // height of a node's name
const PAD = 6;
const BAR = 3; // beside a slot
const FOOT = 20; // of a group: how it opens
const OPENS = 84; // width of that
const MOST_READERS = 3; // whose edges are always drawn
const FEW = 9; // nodes whose arrays are written in numbers
const LARGEST = 1.15; // scale of the picture
const LARGEST_LETTER = 1.3; // where the picture is small
const SMALL = 0.86; // letters of the picture, as they are seen
const LEAST = 0.845; // smallest of them, with 10 px; smaller still, the picture is scrolled
const READABLE = 0.75; // scale at which numbers are read
const SHEETS = [8, 4]; // behind a loop's node
const GAPS = [48, 26, 18]; // between columns of nodes, the first that fits

/** Whether letters would be too small. @param {{letter: number, scale: number}} placed */
const isSmall = ({ letter, scale }) => letter * scale < SMALL;

/**
 * A node with its size: `slots` of value and gradient.
 * @typedef {GraphNode & {slots: Slot[], x: number, y: number, width: number, height: number}} Box
 * @typedef {{kind: "value" | "gradient", array: Shown, plan: Plan, x: number, y: number}} Slot
 * @typedef {Pick<Given, "id" | "value" | "shape"> & {show?: string, mask?: Nested, ids?: string[]}}
 *   Shown ids: of the rows of a loop's node
 */

/** What a node shows, as an array. @param {Trace} trace @param {GraphNode} node
 * @param {(id: string) => string} nameIt @returns {Shown | null} */
function arrayOf(trace, { value, stack }, nameIt) {
  const rows = stack?.map((id) => variable(trace, nameIt(id)));
  if (rows?.every((row) => row && !row.left_out)) {
    const all = /** @type {Given[]} */ (rows);
    return {
      ...{ id: nameIt(value), ids: all.map(({ id }) => id) },
      ...{ value: all.map((row) => row.value), shape: [all.length, ...all[0].shape] },
    };
  }
  const array = /** @type {(Given & Shown) | undefined} */ (variable(trace, nameIt(value)));
  return array && !array.left_out ? array : null;
}

/**
 * @param {Trace} trace @param {Folding} folding
 * @param {boolean} compact one slot for each node, small
 * @param {number} numbers most entries that are written as numbers
 * @param {number} letter size of the letters; 1: as on the rest of the page
 * @returns {Map<string, Box>} sizes; places follow
 */
function boxesOf(trace, folding, compact, numbers, letter) {
  const boxes = new Map();
  const head = HEAD * letter;
  for (const node of folding.nodes) {
    /** @type {Slot[]} */
    const slots = [];
    const value = node.left ? null : arrayOf(trace, node, (id) => id);
    const gradient = node.left ? null : arrayOf(trace, node, gradientName);
    for (const [kind, array] of /** @type {const} */ ([
      ["value", value],
      ["gradient", gradient],
    ])) {
      if (!array) continue;
      const show = kind === "value" ? value?.show : undefined;
      const plan = planOf(array.shape, { numbers, room: compact ? 44 : 72, show, letter });
      slots.push({ kind, array: { ...array, show }, plan, x: 0, y: 0 });
    }
    const beside = compact || (slots.length > 0 && !slots[0].plan.numbers);
    let [width, height] = [0, 0];
    for (const slot of slots) {
      [slot.x, slot.y] = [PAD + BAR + 3, head + PAD];
      if (beside && !compact) slot.x += width;
      else if (!compact) slot.y += height;
      if (beside && !compact) {
        width += slot.plan.width + BAR + 6;
        height = Math.max(height, slot.plan.height);
      } else {
        width = Math.max(width, slot.plan.width + BAR + 3);
        height = compact ? Math.max(height, slot.plan.height) : height + slot.plan.height + 4;
      }
    }
    const opens = node.opens ? FOOT * letter : 0;
    const digits = [0, 2, 5][Math.min(2, node.lines.length)];
    const letters = [...labelOf(trace, node)];
    const wide = letters.filter((each) => /[A-Zmw]/.test(each)).length;
    const name = letters.length * 7.4 + wide * 6 + (digits && 8 * digits + 12);
    const shape = compact ? 0 : 7.3 * (slots[0]?.array.shape.join("×").length ?? 0) + 4;
    const least = node.opens ? Math.max(name, compact ? 34 : OPENS) : name + shape;
    boxes.set(node.id, {
      ...node,
      slots,
      ...{
        x: 0,
        y: 0,
        width: Math.max(44, letter * least + 3 * PAD, width + 2 * PAD),
        height: head + height + 2 * PAD + opens,
      },
    });
  }
  return boxes;
}

/** @param {Trace} trace @param {GraphNode} node */
function labelOf(trace, { value, left, many, opens }) {
  if (left) return PROGRAMS.left[many](left, value.replace(/\[\d+\]$/, ""));
  if (opens?.kind === "loop" || opens?.kind === "call") return opens.label;
  return variable(trace, value)?.label ?? variableOf(value);
}

/** How many nodes read each node. @param {Folding} folding */
function readersOf({ edges }) {
  /** @type {Map<string, number>} */
  const readers = new Map();
  for (const { from } of edges) readers.set(from, (readers.get(from) ?? 0) + 1);
  return readers;
}

/**
 * The edges that place the nodes: of a node that many read the first. The others are drawn while
 * one of their ends is the line, has the focus or the pointer.
 */
function laidOut(/** @type {Folding} */ folding) {
  const readers = readersOf(folding);
  const seen = new Set();
  return folding.edges.filter(({ from }) => {
    const first = !seen.has(from);
    seen.add(from);
    return first || (readers.get(from) ?? 0) <= MOST_READERS;
  });
}

/**
 * Where edges begin and end: beside each other at the sides of their nodes.
 * @param {GraphEdge[]} edges @param {Map<string, Box>} boxes
 */
function portsOf(edges, boxes) {
  /** @type {Map<object, {from: number[], to: number[]}>} */
  const ends = new Map(edges.map((edge) => [edge, { from: [], to: [] }]));
  const middle = (/** @type {string} */ id) => {
    const box = boxes.get(id);
    return box ? box.y + box.height / 2 : 0;
  };
  for (const box of boxes.values())
    for (const [near, other] of /** @type {const} */ ([
      ["from", "to"],
      ["to", "from"],
    ])) {
      const side = edges
        .filter((edge) => edge[near] === box.id)
        .sort((p, q) => middle(p[other]) - middle(q[other]));
      side.forEach((edge, k) => {
        const y = box.y + (box.height * (k + 1)) / (side.length + 1);
        const end = ends.get(edge);
        const sheets = box.opens?.kind === "loop" ? SHEETS[0] : 0;
        if (end) end[near] = [near === "from" ? box.x + box.width + sheets : box.x, y];
      });
    }
  return ends;
}

/**
 * Where the number of an edge covers neither a node nor another number: on its way from the middle
 * on, else above or below it.
 * @typedef {{x: number, y: number, width: number, height: number}} Rect x, y: upper left
 * @param {number[][]} points of the way @param {{width: number, height: number}} size
 * @param {Rect[]} taken @param {number[]} ends upper and lower end of the picture @returns {Rect}
 */
function freePlace(points, size, taken, [top, bottom]) {
  const on = points
    .slice(1)
    .flatMap(([x, y], k) =>
      [0.25, 0.5, 0.75, 1].map((t) => [
        points[k][0] + t * (x - points[k][0]),
        points[k][1] + t * (y - points[k][1]),
      ]),
    );
  const middle = Math.floor((on.length - 1) / 2);
  const ordered = on
    .map((at, k) => ({ at, far: Math.abs(k - middle) }))
    .sort((p, q) => p.far - q.far);
  const rect = (/** @type {number[]} */ [x, y], down = 0, aside = 0) => ({
    ...size,
    x: x + (aside - 0.5) * size.width,
    y: y + (down - 0.5) * size.height,
  });
  const isFree = (/** @type {Rect} */ { x, y, width, height }) =>
    x >= -10 &&
    y >= top &&
    y + height <= bottom &&
    taken.every(
      (other) =>
        x + width < other.x ||
        other.x + other.width < x ||
        y + height < other.y ||
        other.y + other.height < y,
    );
  const tried = [0, 0.6, -0.6, 1.2, -1.2, 1.8, -1.8, 2.4, -2.4, 3, -3].flatMap((down) =>
    [0, 0.5, -0.5, 1, -1].flatMap((aside) => ordered.map(({ at }) => rect(at, down, aside))),
  );
  return (
    tried.find(isFree) ?? tried.find(({ y }) => y >= top && y + size.height <= bottom) ?? tried[0]
  );
}

/** The way of an edge as a smooth curve. @param {number[][]} points @param {boolean} back */
function curve(points, back) {
  const [first, ...more] = points;
  const last = more.pop() ?? first;
  const bend = Math.min(40, Math.abs(last[0] - first[0]) / 3);
  const tall = [[first[0] + bend, first[1]], ...more, [last[0] - bend, last[1]]];
  const way = back ? [last, ...tall.reverse(), first] : [first, ...tall, last];
  const written = (/** @type {number[]} */ [x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`;
  let d = `M${written(way[0])}`;
  for (let k = 1; k < way.length - 2; k++) {
    const [[x, y], [nx, ny]] = [way[k], way[k + 1]];
    d += `Q${written(way[k])} ${written([(x + nx) / 2, (y + ny) / 2])}`;
  }
  return `${d}Q${written(way[way.length - 2])} ${written(way[way.length - 1])}`;
}

/**
 * The nodes with their places, the ways of the edges, and the sizes.
 * @typedef {Rect & {id: string, label: string}} Frame of an opened group
 * @typedef {{key: string, boxes: Map<string, Box>, ways: Map<string, number[][]>, frames: Frame[],
 *   width: number, height: number, letter: number, scale: number, arrays?: object}} Placed
 */

/** Room above the nodes. @param {Placed} placed */
const aboveOf = ({ frames, letter }) => (frames.length ? 12 + 14 * letter : 12);

/**
 * What one drawing shows: the current line with its node and its flows, what is known by then.
 * @typedef {ReturnType<typeof drawnOf>} Drawn
 * @param {Page & {trace: Trace, folding: Folding}} state
 * @param {Line} line @param {Placed} placed @param {boolean} compact
 */
function drawnOf(state, line, placed, compact) {
  const { trace, folding } = state;
  const order = new Map(trace.lines.map(({ id }, k) => [id, k]));
  const current = order.get(line.id) ?? 0;
  const index = pointedEntry(state, line);
  return {
    ...{ trace, folding, line, placed, compact, index },
    isBack: line.phase === "backward",
    here: folding.nodeOf(folding.ownerOf(line.id)),
    flows: flowsOf(folding, line, index, at),
    patterns: reads(line, index),
    sources: new Set(line.inputs.flatMap((id) => folding.nodeOf(folding.ownerOf(id)) ?? [])),
    known: (/** @type {string} */ id) => (order.get(id) ?? 0) <= current,
  };
}

/** @param {Frame} frame @param {number} letter */
const frameShape = ({ id, label, x, y, width, height }, letter) =>
  s(
    "g.graph-frame",
    { "data-frame": id },
    box(x, y, width, height, "", 12),
    text(x + 12, y + 18 * letter, PROGRAMS.fold(label), "", {
      ...{ "data-opens": id, role: "button", tabindex: "0" },
    }),
  );

/** @param {Drawn} drawn @param {string | null} pointedNode */
function edgeShapes({ folding, flows, placed, here, isBack, known }, pointedNode) {
  const most = flows.reduce((top, flow) => Math.max(top, Math.abs(flow.value ?? 0)), 0);
  const readers = readersOf(folding);
  const shown = folding.edges.filter(
    ({ from, to }) =>
      (readers.get(from) ?? 0) <= MOST_READERS ||
      [from, to].some((id) => id === here || id === pointedNode),
  );
  return shown.map(({ from, to, reads: read }) => {
    const flow = flows.find((each) => each.from === from && each.to === to);
    const done = isBack && read.some(([id]) => known(gradientName(id)));
    const fraction = flow?.value && most ? Math.abs(flow.value / most) ** 0.6 : 0;
    const kind = flow ? (flow.value === null ? "flows" : flow.value < 0 ? "below" : "above") : "";
    return s("path", {
      class: `edge ${kind}${done ? " done" : ""}`,
      d: curve(placed.ways.get(`${from}\n${to}`) ?? [], isBack),
      "stroke-width": flow ? (1.6 + 10 * fraction).toFixed(1) : 1.4,
      "marker-end": `url(#tip-${flow ? kind : done ? "done" : "plain"})`,
    });
  });
}

/** The numbers of the flows, each where there is room. @param {Drawn} drawn */
function pillShapes({ trace, flows, placed, compact }) {
  const { boxes, ways, letter, height: tall } = placed;
  const single = flows.length === 1 || compact;
  /** @type {Rect[]} */
  const taken = [...boxes.values()];
  const ends = [2 - aboveOf(placed), tall - aboveOf(placed) - 2];
  return flows.flatMap((flow) => {
    const points = ways.get(`${flow.from}\n${flow.to}`) ?? [];
    const target = boxes.get(flow.to);
    if (flow.value === null || points.length < 2 || !target) return [];
    const name = nameOf({ label: labelOf(trace, target) });
    const value = number(flow.value, compact ? 3 : 4);
    const letters = single ? value.length : [...name].length + value.length + 5;
    const [width, height] = [letter * (7.4 * letters + 18), 24 * letter];
    const place = freePlace(points, { width, height }, taken, ends);
    taken.push(place);
    const middle = [place.x + width / 2, place.y + height / 2].map((at) => at.toFixed(1));
    return s(
      "g.pill",
      { transform: `translate(${middle})` },
      box(-width / 2, -height / 2, width, height, "", height / 2),
      s(
        "text",
        { y: 5 * letter },
        !single && s("tspan.pill-name", PROGRAMS.from(name)),
        single ? value : `\u2002${value}`,
      ),
    );
  });
}

/**
 * Numbers of lines of the source.
 * @param {number[]} lines @param {number} first number of the program's first line
 */
function numbersOf(lines, first) {
  const [from, to] = [Math.min(...lines), Math.max(...lines)].map((k) => k - first + 1);
  return from === to ? String(from) : `${from}–${to}`;
}

/**
 * A node with its arrays: drawn again where the key is another.
 * @param {Drawn} drawn @param {Box} node @param {number} first number of the program's first line
 * @param {number} version of sizes, places, arrays and colours
 */
function nodeShape(drawn, node, first, version) {
  const { trace, placed, compact, here, isBack, sources } = drawn;
  const { letter } = placed;
  const { id, opens, lines, slots, left, width, height } = node;
  const isCurrent = id === here;
  const shape = slots[0]?.array.shape ?? [];
  // of a group it stands below, beside how that opens
  const shapeFits = width - 2 * PAD > letter * (OPENS + 7.3 * shape.join("×").length);
  const small = slots.filter(({ kind }) => kind === (isBack ? "gradient" : "value"));
  const shown = !compact ? slots : small.length ? small : slots.slice(0, 1);
  const arrays = shown.map((slot) => slotShape(drawn, slot, isCurrent && opens?.kind === "loop"));
  const isRead = sources.has(id);
  const said = spoken(drawn, node, first);
  const numbers = lines.length ? numbersOf(lines, first) : "";
  const make = () =>
    s(
      "g",
      {
        class: `node ${isCurrent ? "current" : isRead ? "is-read" : ""}`,
        ...{ "data-node": id, tabindex: "0", role: "listitem" },
        "aria-current": isCurrent ? "step" : null,
        "aria-label": said,
        transform: `translate(${node.x.toFixed(1)},${node.y.toFixed(1)})`,
      },
      opens?.kind === "loop" && SHEETS.map((off) => box(off, -off, width, height, "sheet", 9)),
      box(0, 0, width, height, "box", 9),
      numbers
        ? s(
            "g.node-line",
            box(PAD, 5 * letter, letter * (8 * numbers.length + 6), 16 * letter, "", 3),
            text(PAD + 3 * letter, 17 * letter, numbers),
          )
        : null,
      text(
        PAD + (numbers ? letter * (8 * numbers.length + 11) : 2),
        18 * letter,
        nameOf({ label: labelOf(trace, node) }),
        "node-name",
      ),
      left || compact || (opens && !shapeFits)
        ? null
        : text(
            width - PAD,
            opens ? height - 7 * letter : 17 * letter,
            shape.join("×"),
            "node-shape",
          ),
      arrays.map((array) => array.make()),
      opens &&
        text(
          PAD + 2,
          height - 7 * letter,
          compact ? PROGRAMS.open : PROGRAMS.opens(opens.kind, opens.count, opens.members.length),
          "node-opens",
          { "data-opens": opens.id },
        ),
    );
  const key = [version, id, isCurrent, isRead, said, arrays.map((array) => array.key)];
  return { key: JSON.stringify(key), make };
}

/**
 * A value or a gradient in its node, with what is chosen and read in it.
 * @param {Drawn} drawn @param {Slot} slot @param {boolean} inLoop its node is the current loop
 */
function slotShape(drawn, { kind, array, plan, x, y }, inLoop) {
  const { trace, line, index, isBack, known, patterns } = drawn;
  const id = array.ids ? undefined : array.id;
  const within = inLoop && (kind === "gradient") === isBack;
  const there = within || known(array.ids?.[0] ?? array.id);
  const row = array.ids?.indexOf(line.id) ?? -1;
  const chosen =
    row >= 0
      ? [row, ...index]
      : id === line.id
        ? index
        : within && id
          ? writtenAt(trace, line, index)
          : null;
  const read = line.inputs.flatMap((input, k) =>
    input === id && line.places?.[k] === undefined ? [patterns[k]] : [],
  );
  const windows = kind === "value" && id ? windowsOf(drawn, id) : [];
  const make = () =>
    s(
      `g.slot.${kind}`,
      { "data-slot": kind, "data-of": array.id },
      box(x - BAR - 3, y, BAR, plan.height, "slot-bar", 1),
      there
        ? arrayShapes(array, plan, x, y, { chosen, read, mask: array.mask })
        : box(x + 0.5, y + 0.5, plan.width - 1, plan.height - 1, "hollow", 2),
      there && windows.map(([rows, columns]) => windowFrame(plan, x, y, rows, columns)),
    );
  return { key: [kind, there, chosen, read, windows], make };
}

/** Where an array has what a run of a loop writes into it. @param {Trace} trace
 * @param {Line} line @param {number[]} index */
function writtenAt(trace, { id }, index) {
  const write = trace.lines.find(({ op, inputs }) => op === "setitem" && inputs[1] === id);
  const at = write?.places?.[1]?.findIndex((places) =>
    places.some((k) => k.join() === index.join()),
  );
  return write && at !== undefined && at >= 0 ? indexAt(at, write.shape) : null;
}

/** Windows of an array that lines read which the current one reads.
 * @param {Drawn} drawn @param {string} id */
function windowsOf({ line, index, folding }, id) {
  const k = line.inputs.indexOf(id);
  const read = line
    .explicit?.(index)
    .terms.flatMap(({ reads }) => reads.filter(({ input }) => input === k));
  if (!read)
    return [line.id, ...line.inputs].flatMap((each) => {
      const window = folding.lines.get(each)?.reads;
      return window?.of === id && window.rows && window.columns
        ? [[window.rows, window.columns]]
        : [];
    });
  if (!read.length || read[0].index.length < 2) return [];
  return [
    [-2, -1].map((axis) => {
      const at = read.map((each) => Number(each.index.at(axis)));
      return [Math.min(...at), Math.max(...at) + 1];
    }),
  ];
}

/** What the picture shows, in a sentence. @param {Drawn} drawn */
function sentence({ folding, trace, line, flows }) {
  const name = nameOf(variable(trace, folding.ownerOf(line.id)) ?? { label: "" });
  if (line.part) return PROGRAMS.partOf(name);
  const parts = folding.lines.get(line.id)?.sum_of?.length ?? 0;
  if (parts > 1) return PROGRAMS.paths(name, parts, flows.length);
  return line.phase === "backward" ? PROGRAMS.gradient(name) : PROGRAMS.value(name);
}

/** @param {Drawn} drawn @param {Box} node @param {number} first */
function spoken({ trace, folding, placed, known }, node, first) {
  const { value, lines, opens, slots } = node;
  const size = slots[0]?.array.shape.reduce((all, n) => all * n, 1) ?? 0;
  const readers = folding.edges.flatMap(({ from, to }) => {
    const other = placed.boxes.get(to);
    return from === node.id && other ? [labelOf(trace, other)] : [];
  });
  return PROGRAMS.node({
    ...{ label: labelOf(trace, node), size, readers, opens: opens !== null },
    lines: lines.length ? numbersOf(lines, first) : "",
    gradient: slots.length > 1 && known(gradientName(value)),
  });
}

/** @param {{store: Store, painter: Painter, choose: (line: string, entry: number[] | null) => void,
 *   toggle: (group: string) => void}} services */
export function mountGraph({ store, painter, choose, toggle }) {
  const root = panel("graph");
  const phone = windowIs("phone");
  const svg = s("svg");
  const said = h("p.graph-said.smaller[data-readout=graph]");
  const scroller = h("div.graph-scroll", svg);
  const nodesBox = s("g.nodes[role=list]", { "aria-label": PROGRAMS.graph });
  let version = 0; // of sizes, places, arrays and colours
  root.append(said, scroller);
  /** @type {any} any: dagre has no types here */
  let dagre = null;
  /** @type {string | null} with the focus or the pointer */
  let pointedNode = null;
  for (const event of ["pointerover", "focusin"])
    svg.addEventListener(event, ({ target }) => {
      const now = closest(target, "[data-node]")?.getAttribute("data-node") ?? null;
      if (now === pointedNode) return;
      pointedNode = now;
      painter.redraw("graph");
    });
  /** @type {Placed | null} */
  let placed = null;

  /** Numbers in the nodes where there is room for them, letters that can be read everywhere.
   * @param {Trace} trace @param {Folding} folding */
  function layOut(trace, folding) {
    const most = phone.matches ? [1] : folding.nodes.length <= FEW ? [16, 4] : [4];
    for (const numbers of most) {
      for (const gap of phone.matches ? [GAPS[1]] : GAPS) {
        placed = place(trace, folding, numbers, 1, gap);
        for (let k = 0; k < 6 && isSmall(placed) && placed.letter < LARGEST_LETTER; k++) {
          const letter = Math.min(LARGEST_LETTER, SMALL / placed.scale);
          placed = place(trace, folding, numbers, letter, gap);
        }
        if (placed.width * (LEAST / placed.letter) <= scroller.offsetWidth) break;
      }
      if (placed && placed.scale >= READABLE) break;
    }
    if (placed) placed.scale = Math.max(placed.scale, LEAST / placed.letter);
  }
  /** @param {Trace} trace @param {Folding} folding
   * @param {number} numbers @param {number} letter @param {number} gap between columns */
  function place(trace, folding, numbers, letter, gap) {
    const compact = phone.matches;
    const boxes = boxesOf(trace, folding, compact, numbers, letter);
    const graph = new dagre.Graph({ compound: true });
    graph.setGraph({ rankdir: "LR", nodesep: 12, ranksep: gap, edgesep: 12 });
    graph.setDefaultEdgeLabel(() => ({}));
    for (const { id, width, height } of boxes.values()) graph.setNode(id, { width, height });
    for (const { id } of folding.frames) graph.setNode(`frame:${id}`, { paddingTop: 30 * letter });
    for (const { id, frame } of boxes.values()) if (frame) graph.setParent(id, `frame:${frame}`);
    for (const { id, within } of folding.frames)
      if (folding.frames.some((other) => other.id === within))
        graph.setParent(`frame:${id}`, `frame:${within}`);
    const readers = readersOf(folding);
    for (const { from, to } of laidOut(folding)) {
      // room for the numbers of a fan-out
      const fans = (readers.get(from) ?? 0) > 1 && !compact;
      graph.setEdge(from, to, fans ? { width: 40 * letter, height: 24 * letter } : {});
    }
    dagre.layout(graph);
    const ways = new Map();
    for (const box of boxes.values()) {
      const { x, y } = graph.node(box.id);
      Object.assign(box, { x: x - box.width / 2, y: y - box.height / 2 });
    }
    const ends = portsOf(folding.edges, boxes);
    for (const edge of folding.edges) {
      const points = graph.edge(edge.from, edge.to)?.points ?? [];
      const inner = points.slice(1, -1).map((/** @type {DOMPoint} */ p) => [p.x, p.y]);
      const { from, to } = ends.get(edge) ?? { from: [0, 0], to: [0, 0] };
      ways.set(`${edge.from}\n${edge.to}`, [from, ...inner, to]);
    }
    const frames = folding.frames.map(({ id, label }) => {
      const { x, y, width, height } = graph.node(`frame:${id}`);
      const more = 14 * letter;
      return {
        id,
        label,
        x: x - width / 2,
        y: y - height / 2 - more,
        width,
        height: height + more,
      };
    });
    const { width: wide, height: tall } = graph.graph();
    const [width, height] = [wide + 24, tall + 24 + (frames.length ? 14 * letter : 0)];
    const { offsetWidth, offsetHeight } = scroller;
    const scale = Math.min(LARGEST, offsetWidth / width, offsetHeight / height);
    return { key: keyOf(folding), boxes, ways, frames, width, height, letter, scale };
  }
  /** @param {Folding} folding */
  const keyOf = ({ nodes }) =>
    [...nodes.map(({ id }) => id), scroller.offsetWidth, scroller.offsetHeight].join();

  painter.add("graph", 0, (state, changed) => {
    const { trace, folding, program } = state;
    const line = trace && lineOf(trace, state.line);
    if (!trace || !folding || !line || !dagre || !program) return;
    const isNew = placed?.key !== keyOf(folding) || placed?.arrays !== program.lines;
    if (isNew) layOut(trace, folding);
    if (!placed) return;
    placed.arrays = program.lines;
    if (isNew || changed.has("size")) version += 1;
    const { width, height, scale, letter, frames } = placed;
    const drawn = drawnOf({ ...state, trace, folding }, line, placed, phone.matches);
    set(svg, {
      viewBox: `-12 ${-aboveOf(placed)} ${width.toFixed(0)} ${height.toFixed(0)}`,
      width: (width * scale).toFixed(0),
      height: (height * scale).toFixed(0),
      "data-phase": line.phase,
      "data-arriving": state.arriving === line.id,
    });
    svg.style.setProperty("--letter", letter.toFixed(3));
    patch(
      svg,
      definitions(),
      s(
        "g.frames",
        frames.map((frame) => frameShape(frame, letter)),
      ),
      s("g.edges", edgeShapes(drawn, pointedNode)),
      nodesBox,
      s("g.pills", pillShapes(drawn)),
    );
    const first = firstLine(program);
    patchEach(
      nodesBox,
      [...placed.boxes.values()].map((box) => nodeShape(drawn, box, first, version)),
    );
    patch(said, sentence(drawn));
    if (changed.has("line") || changed.has("folding")) reveal(drawn.here, scale);
  });

  /** @param {string | null} id @param {number} scale */
  function reveal(id, scale) {
    const box = id && placed?.boxes.get(id);
    if (!box) return;
    const middle = (box.x + box.width / 2) * scale;
    scroller.scrollTo({
      ...{ left: middle - scroller.clientWidth / 2, behavior: scrolling() },
      top: (box.y + box.height / 2) * scale - scroller.clientHeight / 2,
    });
  }

  /** @param {Element} node @param {MouseEvent | null} event */
  function press(node, event) {
    const { trace, folding, line } = store.state;
    const box = placed?.boxes.get(node.getAttribute("data-node") ?? "");
    if (!trace || !folding || !box) return;
    if (box.left) return choose(box.value, null);
    const target = event?.target ?? null;
    const isBack = lineOf(trace, line)?.phase === "backward";
    const kind =
      closest(target, "[data-slot]")?.getAttribute("data-slot") ?? (isBack ? "gradient" : "value");
    const slot = box.slots.find((each) => each.kind === kind) ?? box.slots[0];
    if (!slot) return choose(kind === "gradient" ? gradientName(box.value) : box.value, null);
    const { array } = slot;
    const picture = closest(target, "image");
    const cell = closest(target, "[data-entry]");
    const text = cell?.getAttribute("data-entry");
    const entry = picture
      ? entryAt(/** @type {SVGElement} */ (picture), /** @type {MouseEvent} */ (event), array.shape)
      : text
        ? text.split(",").map(Number)
        : null;
    if (array.ids)
      return choose(array.ids[entry?.[0] ?? array.ids.length - 1], entry?.slice(1) ?? null);
    const filled = box.opens?.kind === "loop" && entry && slot.kind === "value";
    if (filled && box.opens && !folding.wholes.has(array.id)) {
      const writer = writerOf(folding, box.opens, entry);
      return choose(writer, entry.slice(0, variable(trace, writer)?.shape.length ?? 0));
    }
    choose(array.id, entry);
  }

  svg.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const opens = closest(event.target, "[data-opens]");
    if (opens) return toggle(opens.getAttribute("data-opens") ?? "");
    const node = closest(event.target, "[data-node]");
    if (node) press(node, event);
  });
  svg.addEventListener("dblclick", ({ target }) => {
    const group = placed?.boxes.get(
      closest(target, "[data-node]")?.getAttribute("data-node") ?? "",
    )?.opens;
    if (group) toggle(group.id);
  });
  svg.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const node = closest(event.target, "[data-node]");
    const frame = closest(event.target, "[data-opens]");
    const box = node && placed?.boxes.get(node.getAttribute("data-node") ?? "");
    if (event.key === "Enter" || event.key === " ") {
      if (frame) toggle(frame.getAttribute("data-opens") ?? "");
      else if (node && box?.opens && event.key === "Enter") toggle(box.opens.id);
      else if (node) press(node, null);
      else return;
    } else if (event.key === "Escape" && box?.frame) toggle(box.frame);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  new ResizeObserver(() => painter.redraw("graph")).observe(scroller);

  return {
    /** The program that lays the nodes out. */
    async load() {
      const { href } = find('[data-slot="dagre"]', HTMLLinkElement);
      dagre = await import(href);
      painter.redraw("graph");
    },
  };
}

/** Tips of the edges, and the hatching of masked entries. */
function definitions() {
  return s(
    "defs",
    ["plain", "done", "flows", "above", "below"].map((kind) =>
      tip(`tip-${kind}`, `tip.${kind}`, ["above", "below"].includes(kind) ? 14 : 9),
    ),
    s(
      "pattern",
      {
        ...{ id: "masked", width: 6, height: 6 },
        ...{ patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      },
      box(0, 0, 6, 6, "masked-ground"),
      box(0, 0, 2, 6, "masked-line"),
    ),
  );
}
