/**
 * The working of a program: its lines as the page's modules take them, what is folded, and which
 * lines the ribbon shows. A folded group is one node; its line is computed from what the group
 * reads (fused.js).
 */
import { flatIndex } from "./entries.js";
import { escaped, tag } from "./formula.js";
import { nameOf } from "./names.js";

/** @typedef {import("./lines.js").RibbonCell} RibbonCell */

const MOST_NODES = 16; // with which patterns of several source lines begin opened
const MOST_RUNS = 5; // of an opened loop; of more the first two, the last two and the current one
const MOST_LETTERS = 18; // of a cell of the ribbon: the code of what has no name is longer
const MOST_PARTS = 4; // of a gradient that are shown as lines
const MOST_DRAWN = 40; // nodes; of more, those far from the current line are drawn together
const LEAST_DRAWN = 12; // nodes of which the current one is one
/** Operations that put arrays together. */
export const COLLECTING = new Set(["stack", "concatenate"]);
const LEAST_LIST = 4; // arrays of a list that are drawn as one

/** @param {number} position row by row @param {number[]} shape */
export function indexAt(position, shape) {
  const index = [];
  for (let axis = shape.length - 1, rest = position; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}

/** The variable that a value is a version or a part of: "z" of "z.3[i=0, j=3]" and of "z@2". */
export const variableOf = (/** @type {string} */ id) =>
  id.replace(/(?<=[\w\]])\.\d+(?=[[@]|$)/, "").replace(/(@\d+)?(\[[^\]]*=[^\]]*\])?$/, "");

const shortened = (/** @type {string} */ text) =>
  text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;

/** Whether a value has no name in the program. */
export const isPart = (/** @type {string} */ id) => /(?<=[\w\]])\.\d+(?=[[@]|$)/.test(id);

/**
 * The answer of the server as a trace: entries as indices, expressions without a name as the code
 * that they are, parts of a gradient by what they come through.
 * @param {ProgramAnswer} answer @returns {Trace}
 */
export function programTrace(answer) {
  const lines = /** @type {Line[]} */ (/** @type {unknown} */ (answer.lines));
  const givens = /** @type {Given[]} */ (/** @type {unknown} */ (answer.givens));
  const all = new Map([...givens, ...lines].map((each) => [each.id, each]));
  const text = new Map(
    answer.source.lines.map((line) => [`${line.file}:${line.number}`, line.text]),
  );
  const code = (/** @type {Line} */ line) => {
    const [from, to, begin, end] = line.span ?? [];
    return from === to ? (text.get(`${line.file}:${from}`) ?? "").slice(begin, end) : "";
  };
  const parts = new Map();
  for (const line of lines)
    if (isPart(line.id) && line.phase !== "backward" && code(line)) parts.set(line.id, code(line));
  // what is written into an array is named by its place
  for (const { op, inputs, ...line } of lines)
    if (op === "setitem" && isPart(inputs[1]))
      parts.set(inputs[1], code(/** @type {Line} */ (line)));
  const placesOf = (/** @type {Line} */ { sources, picks, inputs, op }) => {
    if (op === "where" || (!sources && !picks?.entries)) return undefined;
    return inputs.map((id, k) => {
      const read = sources?.[k];
      const shape = all.get(id)?.shape ?? [];
      return read
        ? read.map((at) =>
            [at]
              .flat()
              .filter((p) => p >= 0)
              .map((p) => indexAt(p, shape)),
          )
        : null;
    });
  };
  /** @param {Line} plain @returns {Line} */
  const taken = (plain) => {
    const line = versioned(plain);
    const name = parts.get(line.id);
    const of = parts.get(line.of ?? "");
    const symbol = name ? worded(name) : of && !line.part ? worded(`∂C/∂(${of})`) : line.symbol;
    const label = name ?? (of && !line.part ? `∂C/∂(${of})` : line.label);
    const terms = line.sum_of
      ? line.sum_of.map(readerName)
      : line.inputs.map((id) => nameOf({ label: parts.get(id) ?? all.get(id)?.label ?? "" }));
    const renamed = {
      ...line,
      quantity: "",
      layer: null,
      symbol,
      label,
      terms,
      places: placesOf(line),
    };
    const twins = line.sum_of && new Set(line.sum_of.map(plainReader)).size < line.sum_of.length;
    if (twins && terms.length <= MOST_PARTS)
      renamed.formula = mathml(
        line.sum_of?.map((id) => inside(partSymbol(all.get(id)))).join("<mo>+</mo>"),
      );
    const through = line.part && readerName(line.id);
    if (!line.part || through === plainReader(line.id)) return renamed;
    return {
      ...renamed,
      symbol: mathml(inside(partSymbol(line))),
      label: line.label.replace(/( through ).*$/, `$1${through}`),
    };
  };
  const mathml = (/** @type {string} */ inner = "") => ({
    latex: "",
    mathml: tag("math", tag("mrow", inner)),
  });
  const inside = (/** @type {Formula} */ { mathml: markup }) =>
    markup.replace(/^<math[^>]*>|<\/math>$/g, "");
  /** ∂C/∂e with the place that it comes through. @param {any} part any: a line with its part */
  const partSymbol = (part) => {
    const bar = '<mo fence="true" stretchy="true" symmetric="true">|</mo>';
    const through = tag("mtext", escaped(readerName(part.id)));
    const whole = inside(versioned(/** @type {Line} */ (all.get(part.part.of))).symbol);
    return mathml(tag("msub", tag("mrow", whole, bar), through));
  };
  const plainReader = (/** @type {string} */ id) => {
    const of = throughOf(all.get(id));
    return nameOf({ label: parts.get(of) ?? primed(all.get(of)?.label ?? "") });
  };
  /** What a part comes through; where several come through one variable, the code that reads it.
   * @param {string} id */
  const readerName = (id) => {
    const { part } = /** @type {any} any: a line with its part */ (all.get(id));
    const siblings = /** @type {Line} */ (all.get(part.of)).sum_of ?? [];
    const name = plainReader(id);
    const isAlone = siblings.filter((other) => plainReader(other) === name).length < 2;
    const code = parts.get(part.through);
    if (isAlone || !code) return name;
    const short = code.length > MOST_LETTERS ? code.replace(/\([^()]*\)/g, "(…)") : code;
    return nameOf({ label: shortened(short) });
  };
  /** The variable whose line reads what a part is of. @param {any} part any: such a line */
  const throughOf = (part) => {
    const reader = part?.part?.through ?? "";
    const whole = reader.replace(/(?<=[\w\]])\.\d+(?=[[@]|$)/, "");
    return all.has(whole) ? whole : reader;
  };
  const trace = {
    ...{ lines: lines.map(taken), verification: answer.verification, gradients: [] },
    givens: givens.map((each) => ({ ...each, quantity: "", layer: null })),
    ...{ step: 0, batch: null, convention: "row", reduction: "", activations: [] },
  };
  return /** @type {Trace} */ (/** @type {unknown} */ (trace));
}

/** From which lines are counted: of a ready program, which has a seed, from its first; those of
 * a recording as the student's editor does. @param {ProgramAnswer} answer */
export const firstLine = ({ seed, source: { lines } }) => (seed == null ? 1 : lines[0].number);

const PRIMES = ["", "", "′", "″", "‴"];
/** A later version of a variable has a prime: "S@2" is S′. @param {string} text */
const primed = (text) =>
  text.replace(/(?:<mi[^>]*>@<\/mi><mn>|@)(\d+)(<\/mn>)?/g, (_, n, end) => {
    const prime = PRIMES[Number(n)] ?? `⁽${n}⁾`;
    return end ? tag("mo", prime) : prime;
  });
/** @param {Line} line */
const versioned = (line) => {
  const { symbol, formula, label } = line;
  if (![label, symbol?.mathml, formula?.mathml].some((text) => text?.includes("@"))) return line;
  const of = (/** @type {Formula} */ { latex, mathml }) => ({ latex, mathml: primed(mathml) });
  return {
    ...line,
    ...{ label: primed(label), symbol: symbol && of(symbol), formula: formula && of(formula) },
  };
};

/** @param {string} text @returns {Formula} */
export const worded = (text) => ({ latex: text, mathml: tag("math", tag("mtext", escaped(text))) });

/**
 * A node of the picture. `value`: the id that it shows; `stack`: of a folded loop one value for
 * each run; `lines`: numbers in the source; `left`: how many runs of a loop, arrays of a list or
 * other nodes it stands for, `many` says of which; `frame`: the opened group around it; `opens`:
 * the group that it is.
 * @typedef {{id: string, value: string, stack: string[] | null, lines: number[], left: number,
 *   many: "runs" | "list" | "nodes", frame: string | null, opens: ProgramGroup | null}} GraphNode
 * @typedef {{from: string, to: string, reads: [string, string][]}} GraphEdge reads: pairs of what
 *   is read and of the line that reads it
 * @typedef {ReturnType<typeof foldingOf>} Folding
 */

/**
 * @param {ProgramAnswer} answer @param {Trace} trace @param {string[]} opened ids of groups
 * @param {string} [current] the current line
 */
export function foldingOf(answer, trace, opened, current = "") {
  const groups = new Map(answer.groups.map((group) => [group.id, group]));
  const lines = new Map(trace.lines.map((line) => [line.id, line]));
  const givens = new Set(answer.givens.filter((each) => each.argument).map(({ id }) => id));
  const isOpen = new Set(opened);
  /** The value that a line is, or is the gradient of. @param {string} id */
  const ownerOf = (id) => lines.get(id)?.of ?? id;
  /** The groups around a value, inner ones first. @param {string} id */
  const around = (id) => {
    const outer = [];
    for (let at = lines.get(id)?.group ?? null; at; at = groups.get(at)?.within ?? null) {
      const group = groups.get(at);
      if (group) outer.push(group);
    }
    return outer;
  };
  /** @param {ProgramGroup} loop @param {string} id */
  const runOf = ({ axis }, id) => String(lines.get(id)?.run?.[axis ?? ""] ?? "");
  /** @type {Map<string, string[]>} */
  const runs = new Map();
  for (const group of answer.groups)
    if (group.kind === "loop")
      runs.set(group.id, [...new Set(group.members.map((id) => runOf(group, id)))]);
  /** Runs that an opened loop draws. @param {ProgramGroup} loop */
  const shownRuns = (loop) => {
    const all = runs.get(loop.id) ?? [];
    if (all.length <= MOST_RUNS) return all;
    const now = loop.members.includes(ownerOf(current)) ? [runOf(loop, ownerOf(current))] : [];
    return [...all.slice(0, 2), ...now, ...all.slice(-2)];
  };

  /** The node of a value; null: it has none. @param {string} id */
  function nodeOf(id) {
    if (!lines.has(id)) return givens.has(id) ? id : null;
    let node = id;
    for (const group of around(id)) {
      if (!isOpen.has(group.id)) node = group.id;
      else if (group.kind === "loop" && !shownRuns(group).includes(runOf(group, id)))
        node = `${group.id}…`;
    }
    return node;
  }

  /** The innermost folded group of one source line, pattern or call around a value. */
  const foldedLine = (/** @type {string} */ id) =>
    around(id).findLast((group) => group.kind !== "loop" && !isOpen.has(group.id)) ?? null;

  /** What a group computes: of one that writes into an array what it writes. */
  const resultOf = (/** @type {ProgramGroup} */ { output, members, kind }) => {
    const line = lines.get(output);
    const written = line?.op === "setitem" && kind !== "loop" ? line.inputs[1] : "";
    return members.includes(written) ? written : output;
  };

  /** Folded loops that make one array, by what they leave. @type {Map<string, ProgramGroup>} */
  const wholes = new Map();
  /** The same by loop, and by value outside of it that is one of them. */
  const wholeOf = new Map();
  for (const group of answer.groups) {
    if (group.kind !== "loop" || nodeOf(group.output) !== group.id || !fills(group)) continue;
    wholes.set(group.output, group);
    wholeOf.set(group.id, group);
  }
  for (const { loop, ids } of collected()) {
    const output = ids[ids.length - 1];
    const whole = { ...loop, output, members: [...loop.members, ...ids] };
    wholes.set(output, whole);
    for (const id of [loop.id, ...ids]) wholeOf.set(id, whole);
  }
  /** Whether no run reads what another one computed. @param {string[]} members */
  function isFree(members) {
    const inside = new Set(members);
    /** Whether it is read from outside: what each run reads anew is recorded once.
     * @param {string} id @returns {boolean} */
    const isGiven = (id) =>
      !inside.has(id) ||
      (lines.get(id)?.op === "getitem" && Boolean(lines.get(id)?.inputs.every(isGiven)));
    return members.every((id) => {
      const { op, inputs = [], run = {} } = lines.get(id) ?? {};
      return inputs.slice(op === "setitem" ? 1 : 0).every((input) => {
        const read = isGiven(input) ? null : lines.get(input);
        const other = Object.entries(read?.run ?? {}).some(([axis, k]) => run[axis] !== k);
        return read?.op !== "setitem" && !other;
      });
    });
  }
  /** Whether a loop only fills an array. @param {ProgramGroup} loop */
  function fills({ members, output }) {
    const last = lines.get(output);
    if (last?.op !== "setitem" || last.left_out || !isFree(members)) return false;
    const writes = members.filter((id) => lines.get(id)?.op === "setitem");
    const before = new Set(writes.map((id) => lines.get(id)?.inputs[0]));
    return writes.every((id) => id === output || before.has(id));
  }
  /**
   * Folded loops of one source line whose runs a list collects, as np.array([… for i in …]); `ids`:
   * the arrays that it is put together from, the whole last.
   */
  function collected() {
    /** @type {Map<string, {loop: ProgramGroup, ids: string[]}>} */
    const lists = new Map();
    for (const { id, op, inputs, phase, left_out, places } of trace.lines) {
      if (!COLLECTING.has(op) || phase === "backward" || left_out || !places) continue;
      const parts = inputs.map((input) => {
        const loop = groups.get(nodeOf(input) ?? "");
        return lists.get(input) ?? (loop?.kind === "loop" ? { loop, ids: [] } : null);
      });
      const { loop } = parts[0] ?? {};
      if (!loop || parts.some((part) => part?.loop !== loop)) continue;
      for (const input of inputs) lists.delete(input);
      lists.set(id, { loop, ids: [...parts.flatMap((part) => part?.ids ?? []), id] });
    }
    return [...lists.values()].filter(({ loop: { members }, ids }) => {
      const inside = new Set([...members, ...ids.slice(0, -1)]);
      const isAlone = trace.lines.every(
        ({ id, phase, inputs }) =>
          phase === "backward" ||
          [...inside, ids.at(-1)].includes(id) ||
          !inputs.some((input) => inside.has(input)),
      );
      const isOneLine = new Set(members.map((id) => lines.get(id)?.line)).size === 1;
      return isAlone && isOneLine && isFree(members);
    });
  }
  /** The loop that makes an array around a value. @param {string} id
   * @returns {ProgramGroup | null} */
  const wholeAround = (id) =>
    [id, ...around(id).map((group) => group.id)].flatMap((each) => wholeOf.get(each) ?? [])[0] ??
    null;

  /** Whether only a folded group has the line. @param {string} id */
  function isHidden(id) {
    const line = lines.get(id);
    if (!line) return false;
    const loop = wholeAround(line.of ?? id);
    if (loop) return (line.of ?? id) !== loop.output;
    if (line.op === "one" || id.endsWith("_stretched")) return true;
    const group = foldedLine(line.of ?? id);
    return group !== null && resultOf(group) !== (line.of ?? id);
  }

  /** Whether a line that reads it is written with its expression. @param {string} id */
  const isInlined = (id) =>
    isHidden(id) &&
    (isPart(ownerOf(id)) || id.endsWith("_stretched") || lines.get(id)?.op === "one");

  /** @type {Map<string, GraphNode>} */
  const nodes = new Map();
  /** @type {Map<string, GraphEdge>} */
  const edges = new Map();
  const forward = trace.lines.filter(({ phase }) => phase === "forward" || phase === "cost");
  /** @param {string} id @param {string} node */
  function add(id, node) {
    const entry = nodes.get(node);
    const number = lines.get(id)?.line;
    if (entry && number && !entry.lines.includes(number)) entry.lines.push(number);
    if (entry?.left) entry.value = id;
    if (entry) return;
    const group = groups.get(node) ?? null;
    const frame = around(id).find(({ id: other }) => isOpen.has(other) && other !== node);
    const left = node.endsWith("…") ? (runs.get(node.slice(0, -1))?.length ?? 0) : 0;
    const shown = left
      ? new Set(shownRuns(/** @type {ProgramGroup} */ (groups.get(node.slice(0, -1))))).size
      : 0;
    nodes.set(node, {
      ...{ id: node, value: group ? resultOf(group) : id, lines: number ? [number] : [] },
      ...{ stack: group && stackOf(group), left: left - shown, many: "runs", opens: group },
      frame: frame?.id ?? null,
    });
  }
  /** Of a folded loop the values of a variable that it carries on, a row for each run. */
  function stackOf(/** @type {ProgramGroup} */ group) {
    if (group.kind !== "loop" || lines.get(group.output)?.op === "setitem") return null;
    const named = group.members.filter((id) => !isPart(id) && lines.get(id)?.shape.length === 1);
    const carried = named.find((id) => group.inputs.includes(variableOf(id))) ?? named[0];
    const rows = named.filter((id) => variableOf(id) === variableOf(carried));
    return rows.length > 1 ? rows : null;
  }
  for (const id of givens) add(id, id);
  for (const line of forward) {
    const to = nodeOf(line.id);
    if (to === null) continue;
    add(line.id, to);
    for (const input of line.inputs) {
      const from = nodeOf(input);
      if (from === null || from === to) continue;
      const key = `${from}\n${to}`;
      const edge = edges.get(key) ?? { from, to, reads: [] };
      edges.set(key, edge);
      edge.reads.push([input, line.id]);
    }
  }
  // in the order in which they are computed: the last line of a group counts
  const last = new Map(forward.map(({ id }, k) => [nodeOf(id), k]));
  const ordered = [...nodes.values()].sort(
    (p, q) => (last.get(p.id) ?? -1) - (last.get(q.id) ?? -1),
  );
  const here = nodeOf(ownerOf(current));
  /** @type {Map<string, GraphNode>} of a list and the loop that makes it */
  const joined = new Map();
  for (const { id, output } of wholes.values()) {
    const [loop, list] = [nodes.get(id), nodes.get(nodeOf(output) ?? "")];
    if (!loop || !list || loop === list) continue;
    const one = { ...list, opens: loop.opens, lines: [...new Set([...loop.lines, ...list.lines])] };
    for (const each of [loop, list]) joined.set(each.id, one);
  }
  const all = { nodes: ordered, edges: [...edges.values()], within: new Map() };
  const drawn = near(ordered, listed(together(all, joined), here), here);
  const frames = answer.groups.filter(
    ({ id }) => isOpen.has(id) && drawn.nodes.some(({ frame }) => frame === id),
  );
  return {
    ...{ ...drawn, frames, groups, lines },
    ...{ isHidden, isInlined, ownerOf, around, resultOf, wholes, wholeAround },
    /** The node that draws a value; null: none does. */
    nodeOf(/** @type {string} */ id) {
      const node = nodeOf(id);
      return node && (drawn.within.get(node) ?? node);
    },
    /** Whether it is in a run of an opened loop that is not drawn. */
    isLeft: (/** @type {string} */ id) => nodeOf(id)?.endsWith("…") ?? false,
    /** Whether a group writes into an array. */
    isWriting: (/** @type {ProgramGroup} */ group) => resultOf(group) !== group.output,
  };
}

/**
 * Nodes, edges, and in which node those are that are drawn as part of another.
 * @typedef {{nodes: GraphNode[], edges: GraphEdge[], within: Map<string, string>}} Drawn
 */

/** Nodes drawn as one. @param {Drawn} all @param {Map<string, GraphNode>} joined by what is in them
 * @returns {Drawn} */
function together({ nodes, edges, within }, joined) {
  if (!joined.size) return { nodes, edges, within };
  const idOf = (/** @type {string} */ id) => joined.get(id)?.id ?? id;
  /** @type {Map<string, GraphEdge>} */
  const between = new Map();
  for (const edge of edges) {
    const [from, to] = [idOf(edge.from), idOf(edge.to)];
    const key = `${from}\n${to}`;
    if (from !== to)
      between.set(key, { from, to, reads: [...(between.get(key)?.reads ?? []), ...edge.reads] });
  }
  const inside = new Map([...within].map(([id, node]) => [id, idOf(node)]));
  for (const id of joined.keys()) inside.set(id, idOf(id));
  return {
    nodes: [...new Set(nodes.map((node) => joined.get(node.id) ?? node))],
    ...{ edges: [...between.values()], within: inside },
  };
}

/** @param {GraphNode[]} nodes @param {"list" | "nodes"} many @returns {GraphNode} */
const asOne = (nodes, many) => ({
  ...{ ...nodes[0], id: `${nodes[0].id} … ${nodes.length}`, stack: null, opens: null },
  ...{ left: nodes.length, many, lines: nodes.flatMap(({ lines }) => lines) },
  frame: nodes.every(({ frame }) => frame === nodes[0].frame) ? nodes[0].frame : null,
});

/** With a node for arrays of one list that the same nodes read, unless one of them is current.
 * @param {Drawn} all @param {string | null} here @returns {Drawn} */
function listed(all, here) {
  const { nodes, edges } = all;
  /** @type {Map<string, string[]>} */
  const readers = new Map();
  for (const { from, to } of edges) readers.set(from, [...(readers.get(from) ?? []), to]);
  const written = new Set(edges.map(({ to }) => to));
  /** @type {Map<string, GraphNode[]>} */
  const lists = new Map();
  for (const node of nodes) {
    const name = /^(.*)\[\d+\]$/.exec(node.id)?.[1];
    if (!name || written.has(node.id) || node.id === here) continue;
    const key = `${name} ${readers.get(node.id)}`;
    lists.set(key, [...(lists.get(key) ?? []), node]);
  }
  const joined = new Map();
  for (const list of lists.values()) {
    const one = asOne(list, "list");
    if (list.length >= LEAST_LIST) for (const { id } of list) joined.set(id, one);
  }
  return together(all, joined);
}

/** With the nodes far from the current one in a few nodes, in the order in which they are computed.
 * @param {GraphNode[]} ordered @param {Drawn} all @param {string | null} here @returns {Drawn} */
function near(ordered, all, here) {
  const { nodes, edges, within } = all;
  if (nodes.length <= MOST_DRAWN) return all;
  // what is given stands before its first reader
  const place = new Map(ordered.map(({ id }, k) => [id, k]));
  const written = new Set(edges.map(({ to }) => to));
  const placeOf = (/** @type {GraphNode} */ { id }) => {
    if (written.has(id)) return place.get(id) ?? 0;
    const readers = edges.flatMap(({ from, to }) => (from === id ? (place.get(to) ?? 0) : []));
    return Math.min(...readers, ordered.length) - 0.5;
  };
  const sorted = nodes
    .map((node) => ({ node, at: placeOf(node) }))
    .sort((p, q) => p.at - q.at)
    .map(({ node }) => node);
  const size = Math.max(LEAST_DRAWN, Math.ceil(Math.sqrt(sorted.length)));
  const current = here && (within.get(here) ?? here);
  const at = sorted.findIndex(({ id }) => id === current);
  const joined = new Map();
  for (let k = 0; k < sorted.length; k += size) {
    const part = sorted.slice(k, k + size);
    if (part.length < 2 || (at >= k && at < k + size) || (at < 0 && !k)) continue;
    const one = asOne(part, "nodes");
    for (const { id } of part) joined.set(id, one);
  }
  return together({ ...all, nodes: sorted }, joined);
}

/**
 * The groups that are open at first: calls that the server opens, and patterns of several source
 * lines as long as the picture stays small.
 * @param {ProgramAnswer} answer @param {Trace} trace
 */
export function openedAtFirst(answer, trace) {
  const number = new Map(
    trace.lines.map(({ id, line, run }) => [id, `${line}${JSON.stringify(run)}`]),
  );
  let opened = answer.groups.filter(({ folded }) => !folded).map(({ id }) => id);
  if (foldingOf(answer, trace, opened).nodes.length >= MOST_NODES) return opened;
  for (const group of answer.groups) {
    const lines = new Set(group.members.map((id) => number.get(id)));
    if (group.kind !== "pattern" || lines.size < 2) continue;
    const more = [...opened, group.id];
    if (foldingOf(answer, trace, more).nodes.length <= MOST_NODES) opened = more;
  }
  return opened;
}

/** Of the same variable in another run of a loop. @param {Folding} folding @param {string} id */
function inLoop({ around, groups, ownerOf }, id) {
  const value = ownerOf(id);
  const loop = around(value).findLast(({ kind }) => kind === "loop");
  return loop && groups.has(loop.id) ? `${loop.id} ${variableOf(value)}` : null;
}

/**
 * The lines of the ribbon: those of every node, parts of a gradient before their sum, of a folded
 * loop one for each variable; and the current line wherever it is.
 * @param {Folding} folding @param {Trace} trace @param {string} current @param {Set<string>} opened
 * @returns {RibbonCell[]}
 */
export function cellsOf(folding, trace, current, opened) {
  /** @type {Map<string, RibbonCell>} */
  const cells = new Map();
  /** @param {Line} line
   * @param {{box?: string, name?: string, key?: string, count?: number}} [how] */
  const put = (line, { box, name, key = line.id, count = 0 } = {}) => {
    const of = line.phase === "backward" ? folding.lines.get(line.of ?? "") : line;
    const named = of ?? trace.givens.find(({ id }) => id === line.of);
    const text =
      name ??
      nameOf({ label: count ? variableOf(folding.ownerOf(line.id)) : (named?.label ?? "") });
    const short = shortened(text);
    const long = short !== text;
    const cell = {
      ...{ id: line.id, phase: line.phase, box, title: nameOf(line) },
      name: count > 1 ? `${count} × ${short}` : short,
      symbol: name || count || long ? undefined : named?.symbol,
    };
    if (line.id === current || cells.get(key)?.id !== current) cells.set(key, cell);
  };
  const { isWriting } = folding;
  /** Of each loop, how many values a variable has. @type {Map<string, Map<string, number>>} */
  const counts = new Map();
  function countOf(/** @type {ProgramGroup} */ { id, members }, /** @type {string} */ name) {
    const known = counts.get(id) ?? new Map();
    if (!known.size)
      for (const member of members)
        if (!isPart(member))
          known.set(variableOf(member), (known.get(variableOf(member)) ?? 0) + 1);
    counts.set(id, known);
    return known.get(name) ?? 0;
  }
  /** Whether its parts are cells beside it. @param {Line} whole */
  const isBoxed = ({ sum_of: parts = [] }) =>
    parts.length > 0 &&
    parts.length <= MOST_PARTS &&
    parts.every((id) => {
      const through = folding.lines.get(id)?.part?.through ?? "";
      return !folding.around(through).some((g) => g.kind === "loop" && !opened.has(g.id));
    });
  for (const line of trace.lines) {
    const value = folding.ownerOf(line.id);
    const isCurrent = line.id === current;
    const loop = folding.around(value).findLast((g) => g.kind === "loop" && !opened.has(g.id));
    const skipped = folding.isHidden(line.id) || folding.isLeft(value);
    const filled = folding.wholes.has(value);
    if (line.part) {
      const whole = folding.lines.get(line.part.of);
      if (isCurrent && !(whole && isBoxed(whole))) put(line, { name: nameOf(line) });
    } else if (skipped || (loop && isPart(value) && !folding.around(value).some(isWriting))) {
      if (isCurrent) put(line, { name: nameOf(line) });
    } else if (filled) {
      put(line, { name: nameOf({ label: variableOf(value) }) });
    } else if (loop) {
      const count = countOf(loop, variableOf(value));
      const key = `${inLoop(folding, line.id)} ${line.phase === "backward"}`;
      put(line, line.phase === "cost" ? {} : { key, count });
    } else {
      const parts = line.sum_of ?? [];
      const box = isBoxed(line) ? `${shortOf(folding, trace, line)} ←` : undefined;
      if (box)
        parts.forEach((id, k) => {
          const part = folding.lines.get(id);
          if (part) put(part, { box, name: line.terms?.[k] });
        });
      put(
        line,
        parts.length
          ? { box, name: box ? "Σ" : `${shortOf(folding, trace, line)} ← ${parts.length} Σ` }
          : {},
      );
    }
  }
  return [...cells.values()];
}

/** @param {Folding} folding @param {Trace} trace @param {Line} line */
const shortOf = (folding, trace, line) =>
  nameOf(
    folding.lines.get(line.of ?? "") ??
      trace.givens.find(({ id }) => id === line.of) ?? { label: line.of ?? "" },
  );

/**
 * Other runs of the loops around a line, by loop: the same line in each of them.
 * @param {Folding} folding @param {Line} line
 * @returns {{axis: string, value: string, runs: {value: string, id: string}[]}[]}
 */
export function runsOf(folding, line) {
  const run = line.run ?? {};
  const pattern = line.id.replace(/\[[^\]]*=[^\]]*\]/, "[…]");
  const alike = [...folding.lines.values()].filter(
    (other) => other.run && other.id.replace(/\[[^\]]*=[^\]]*\]/, "[…]") === pattern,
  );
  return Object.keys(run).map((axis) => ({
    axis,
    value: String(run[axis]),
    runs: alike
      .filter(({ run: other = {} }) =>
        Object.keys(run).every((key) => key === axis || other[key] === run[key]),
      )
      .map(({ id, run: other = {} }) => ({ value: String(other[axis]), id }))
      .filter(({ value }, k, all) => all.findIndex((each) => each.value === value) === k),
  }));
}

/**
 * What flows along the edges at the chosen entry: backwards the part of each reader, forwards the
 * entries that are added.
 * @param {Folding} folding @param {Line} line @param {number[]} index
 * @param {(value: Nested, index: number[]) => number} at
 * @returns {{from: string, to: string, value: number | null, name: string}[]} from: node of the
 *   value that is read
 */
export function flowsOf(folding, line, index, at) {
  const here = folding.nodeOf(folding.ownerOf(line.id));
  if (here === null) return [];
  if (line.phase === "backward") {
    const gradient = folding.lines.get(line.id) ?? line;
    const parts = line.part ? [line.id] : (gradient.sum_of ?? []);
    if (parts.length) {
      /** @type {Map<string, {from: string, to: string, value: number, name: string}>} */
      const sums = new Map();
      parts.forEach((id) => {
        const part = folding.lines.get(id);
        const to = folding.nodeOf(part?.part?.through ?? "");
        if (!part || to === null || to === here) return;
        const before = sums.get(to)?.value ?? 0;
        sums.set(to, { from: here, to, name: "", value: before + at(part.value, index) });
      });
      return [...sums.values()];
    }
    const value = at(line.value, index);
    return folding.edges
      .filter(({ from, reads }) => from === here && reads.some(([id]) => id === line.of))
      .map(({ from, to }) => ({ from, to, value, name: "" }));
  }
  return [...new Set(line.inputs.flatMap((id) => folding.nodeOf(id) ?? []))]
    .filter((from) => from !== here)
    .map((from) => ({ from, to: here, value: null, name: "" }));
}

/** The run that wrote an entry of an array that a loop fills. @param {Folding} folding
 * @param {ProgramGroup} group @param {number[]} index */
export function writerOf({ lines }, group, index) {
  const writer = group.members.findLast((id) => {
    const line = lines.get(id);
    const sources = line?.op === "setitem" ? line.places?.[1] : null;
    return sources?.[flatIndex(index, line?.shape ?? [])]?.length;
  });
  return writer ? (lines.get(writer)?.inputs[1] ?? writer) : group.output;
}
