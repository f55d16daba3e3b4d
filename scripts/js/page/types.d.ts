/** Types of modules that others use, under one name each. */

type Tensor = import("../../../static/js/core/decode.js").Tensor;
type RunHistory = import("../../../static/js/core/history.js").RunHistory;
type Slice = import("../../../static/js/core/slice.js").Slice;
type Folding = import("../../../static/js/core/program.js").Folding;
type GraphNode = import("../../../static/js/core/program.js").GraphNode;
type GraphEdge = import("../../../static/js/core/program.js").GraphEdge;
type RibbonCell = import("../../../static/js/core/lines.js").RibbonCell;
type Part = import("../../../static/js/core/entries.js").Part;
type Named = import("../../../static/js/core/names.js").Named;
type Measure = import("../../../static/js/core/sweep.js").Measure;
type PictureGeometry = import("../../../static/js/figures/templates.js").PictureGeometry;
type Axis = import("../../../static/js/core/sweep.js").Axis;
type Cell = import("../../../static/js/core/sweep.js").Cell;
type Cells = import("../../../static/js/core/sweep.js").Cells;
type Sweep = import("../../../static/js/core/sweep.js").Sweep;
type Veil = import("../../../static/js/core/veil.js").Veil;
type Pass = import("../../../static/js/core/walk.js").Pass;
type Dragging = import("../../../static/js/explorer/hold.js").Dragging;
type OwnData = import("../../../static/js/explorer/own-data.js").OwnData;
type Attributes = import("../../../static/js/figures/colour.js").Attributes;
type ColourScale = import("../../../static/js/figures/colour.js").ColourScale;
type Figure = import("../../../static/js/figures/colour.js").Figure;
type Palette = import("../../../static/js/figures/colour.js").Palette;
type Geometry = import("../../../static/js/figures/geometry.js").Geometry;
type HeatGeometry = import("../../../static/js/figures/geometry.js").HeatGeometry;
type Shape = import("../../../static/js/figures/shapes.js").Shape;
type Shapes = import("../../../static/js/figures/shapes.js").Shapes;
type Drawing = import("../../../static/js/pictures/shapes.js").Drawing;
type View = import("../../../static/js/pictures/shapes.js").View;
type Api = import("../../../static/js/server/api.js").Api;
type Player = import("../../../static/js/server/player.js").Player;
type Session = import("../../../static/js/server/session.js").Session;
type Painter = import("../../../static/js/state/paint.js").Painter;
type Filled = import("../../../static/js/state/store.js").Filled;
type Page = import("../../../static/js/state/store.js").Page;
type State = import("../../../static/js/state/store.js").State;
type Store = import("../../../static/js/state/store.js").Store;
type Fields = import("../../../static/js/state/url.js").Fields;
type LinkedView = import("../../../static/js/state/url.js").LinkedView;

// The state of the page

type Failure = {
  kind: "lost" | "error" | "missing";
  text: string;
  action?: { text: string; run: () => void };
};
/** About a change of notation, with a formula before and now. */
type Remark = { text: string; was?: Formula; is?: Formula };
/** The run that is kept beside the shown one. */
type Compared = {
  experiment: Experiment;
  frame: Frame | null;
  history: RunHistory;
  requestedStep?: number;
};
type Progress = { reached: number; target: number };
type EntryOf = { variable: string; index: number[] };
type PathPlace = Pick<State, "line" | "step" | "sample" | "sampleBefore"> & { entry: number[] };
/**
 * A number held at another value. `set`: target of an edit, see edits.js; `before`: what the page
 * shows without it; `lines`: the ids of all that changes.
 */
type Hold = import("../../../static/js/core/held.js").Held & {
  id: string;
  index: number[];
  set: string;
  before: Pick<State, "trace" | "frame" | "data">;
  lines: Set<string>;
};
/** Parameters of a query; null, undefined and empty ones are left out. */
type Query = Record<string, string | number | boolean | null | undefined>;

/** any: the name of an attribute decides which event its function is given. */
type Attribute = string | number | boolean | null | undefined | ((event: any) => void);
type Child = Node | string | number | boolean | null | undefined | Child[];
/**
 * What a line does with a layer's variable. known: computed before, or the figure does not follow
 * the line; pending: no line up to here has computed it.
 */
type Role = "reads" | "writes" | "known" | "pending";
/** variable: a line, a given, or a quantity that the working has no line of. */
type Standing = { variable: Named | null; role: Role };
/** values: null if unknown or veiled. */
type Shown = Standing & { quantity: string; values: ArrayLike<number> | null };

// Panels of the explorer

type Services = {
  store: Store;
  api: Api;
  painter: Painter;
  session: Session;
  player: Player;
  undo: import("../../../static/js/state/undo.js").Undo;
  comparison: import("../../../static/js/server/comparison.js").Comparison;
  hold: import("../../../static/js/state/hold.js").Holding;
};
/**
 * Ways to another experiment. `change` waits until nothing is typed any more, unless `now`; `begin`
 * does not wait. Both show step 0.
 */
type Changes = {
  change: (recipe: Recipe, now?: boolean) => void;
  begin: (recipe: RecipePart) => Promise<boolean>;
};
/**
 * `branch` changes the run from a step on; `restart` shows another recipe at a step. Both keep the
 * run as it was beside the new one, or that which is kept already.
 */
type Branching = {
  branch: (
    edits: import("../../../static/js/core/remedies.js").Change[],
    step: number,
    kept?: Recipe | null,
  ) => Promise<void>;
  restart: (recipe: Recipe, step: number, kept?: Recipe | null) => Promise<void>;
  open: () => void;
  setActivations: (activations: LayerActivation[]) => Promise<void>;
};
/**
 * Make data the experiment's: `points` or `uploaded`; classes null: a regression; targets: numbers
 * that it predicts. The answer is the server's objection, or null.
 */
type UseData = (
  dataset: DatasetRecipe,
  classes: number | null,
  targets?: number,
) => Promise<string | null>;
/** `group`: of controls, with which a link hides the command (hide.js). */
type Command = {
  text: string;
  /** By the name of the key, with "Ctrl+" where it is held. */
  keys: Record<string, () => void>;
  /** How the help writes the keys, if not by their names; without `keys`, what the mouse does. */
  shown?: string[];
  /** The button with this `data-action` runs the first key's function. */
  action?: string;
  group?: string;
};
/** The form of an experiment; any: the type of a value depends on its path. */
type Form = {
  get: (path: string) => any;
  problem: (path: string, message: string | null) => void;
  change: (path: string, value: unknown, now?: boolean) => void;
};
/** `geometry` is null before the first drawing; `onPlaced` is called with each new one. */
type Stage = {
  geometry: () => Geometry | null;
  onPlaced: (run: (places: Geometry) => void) => void;
};

/**
 * The first word is its name; entry: its name in the catalog, of which the example is only shown
 * where the run has it.
 */
type Term = { words: string[]; says: string; example: string; lesson: string; entry?: string };
/** One frame of a moving picture, and how many ms it is shown. */
type Picture = { delay: number; draw: (context: CanvasRenderingContext2D) => void | Promise<void> };

// Figures

type Plotly = Record<
  "newPlot" | "react",
  (element: HTMLElement, data: Attributes[], layout: Attributes, config: Attributes) => void
> & {
  purge: (element: HTMLElement) => void;
  restyle: (element: HTMLElement, update: Attributes, traces: number[]) => void;
  relayout: (element: HTMLElement, update: Attributes) => void;
  toImage: (figure: object, options: object) => Promise<string>;
};
type Plots = { Plotly: Plotly };
/** An element that Plotly has drawn into. */
type PlotElement = HTMLElement & { _fullLayout?: Attributes; data?: Attributes[] };
type FigureServices = Omit<Services, "comparison" | "hold"> & Plots;
/** Of a figure in the dock; tools: for the controls in its head. */
type Place = { section: HTMLElement; tools: HTMLElement };
/** How an array of a program is drawn. */
type Plan = {
  /** Of the matrix of its last two axes. */
  rows: number;
  columns: number;
  /** How many of these, and how many are left out. */
  slices: number;
  more: number;
  numbers: boolean;
  pixel: number;
  /** Entries of a side of a pixel. */
  step: number;
  width: number;
  height: number;
  /** Size of an entry. */
  cell: { width: number; height: number };
};

// Checks

/**
 * What was typed and chosen to be checked. Settings that are empty are to be found from the
 * numbers.
 */
type Work = Record<"text" | "convention" | "cost" | "reduction" | "rate", string> & {
  activations: string[];
  penalty: Penalty | null;
  /** The lines that were chosen by hand, by index of the array. */
  readAs: Record<string, string | null>;
  /** The address of the experiment that the givens come from. */
  from: string;
};
type Penalty = { l1: number; l2: number; square?: string; divided_by?: string; on?: string };
/** The givens that were found, as they are sent to the route of workings. */
type FoundGivens = Pick<
  Schemas["InferredGivens"],
  "cost" | "reduction" | "convention" | "optimizer"
> & {
  layers: { W: Nested; b: Nested | null; activation: string }[];
  x: Nested;
  target: Nested;
  penalty?: Penalty;
};
type Marked = {
  result: Check;
  trace: Trace;
  /** The student's values by line. */
  submitted: Record<string, Nested>;
  /** Of the mistakes. */
  titles: Record<string, string>;
  /** Where the explorer shows a line. */
  link: ((line: string, entry: number[]) => string) | null;
  /** Sets the activations of layers. */
  take?: (activations: LayerActivation[]) => void;
};

// Lessons and classes

/**
 * Of a card. result: answered "alone" or with a "hint", or "shown"; null: not yet. answer: the
 * right one, or the last that was tried. mistake: the last one that was recognised. day: of the last
 * right answer, since 1970.
 */
type Kept = {
  result: string | null;
  tries: number;
  hint: boolean;
  answer: Answer | null;
  mistake?: string | null;
  day?: number;
};
/** What the explorer shows at a card. */
type CardView = Pick<State, "line" | "convention" | "reduction" | "jacobians" | "fused"> & {
  recipe: Recipe | null;
  step: number;
  sample: number | "batch";
  entry: number[] | null;
  figure: string | null;
  reference: Recipe | null;
  map: Sweep | null;
  hide: string | null;
};
type Mark = Pick<Schemas["AnswerMark"], "right" | "entries">;
/**
 * A question's control. read: the answer to send, or what is missing and in which entry; clear: the
 * answer was changed after it was marked; fill: show an answer; lock: allow no more changes.
 */
type Control = {
  element: HTMLElement;
  read: () => { value: Answer } | { problem: string; at?: number };
  mark: (mark: Mark) => void;
  clear: () => void;
  fill: (answer: Answer) => void;
  lock: () => void;
  focus: (at?: number) => void;
};
/** name: of its fields. */
type AnswerForm = { name: string; onChange: () => void };
type Kind<Q extends Question> = (question: Q, form: AnswerForm) => Control;
/**
 * A printed question. room: where the student writes; attempt: any valid answer, which is sent
 * because the server tells the right answer only after an attempt.
 */
type OnPaper<Q extends Question> = (question: Q) => {
  room: HTMLElement;
  attempt: Answer;
  solution: (answer: Answer) => HTMLElement;
};
type ClassServices = Pick<Services, "store" | "api" | "session" | "player"> & {
  address: { read: () => LinkedView; show: (view: string) => Promise<unknown> };
};

/** sent: when, in ms since 1970. */
type Unsent = { question: number; attempt: number; answer: unknown; sent?: number };
/** views: what each question was asked about, as the part of the explorer's address after "#". */
type KeptRoom = {
  at: number;
  key?: string;
  screen?: string;
  token?: string;
  alone?: boolean;
  views?: Record<string, string>;
  unsent?: Unsent | null;
  draft?: { question: number; fields: (string | boolean | null)[] } | null;
};
/** shown: the room that the explorer of this browser shows to. */
type KeptRooms = { rooms: Record<string, KeptRoom>; shown: string | null };
/** Of a stream; any: the event decides. */
type Heard = { name: string; data: any };
type Link = "live" | "lost" | "gone";
/** What a lecturer has typed of a question. */
type AskFields = Required<Pick<QuestionRequest, "kind" | "feedback">> &
  Record<"entry" | "prompt" | "lesson" | "card" | "seed", string> & {
    personal: boolean;
    options: string[];
    reasons: string[];
    right: number;
  };
/** What the explorer shows. */
type AskSubject = {
  experiment: string;
  step: number;
  sample: number | "batch";
  line: string;
  convention: string;
  reduction: string | null;
  scalar: boolean;
};
/** A key of the texts. */
type AskNeed = "entry" | "prompt" | "text" | "card";
/** name: "" for what is not recognised; counts: by line, "" where there is none. */
type MistakeRow = {
  name: string;
  title: string | null;
  counts: Map<string, Mistake>;
  total: number;
};
type MistakeTable = {
  lines: string[];
  rows: MistakeRow[];
  totals: Map<string, number>;
  total: number;
};

/**
 * Texts by name, for `@satisfies`: the values that a text without types of its own takes are
 * strings and numbers.
 */
interface Texts {
  [name: string]: string | Texts | ((...values: (string | number)[]) => string) | object;
}
