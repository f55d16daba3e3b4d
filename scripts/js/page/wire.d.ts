/**
 * Types of what the server takes and answers: those of the OpenAPI document, as `make wire` writes
 * them, with the page's names and the form in which the page asks for them: arrays are lists, of a
 * frame unpacked.
 *
 * `any` is used for values whose type a name in the same object decides (the parameters of a data
 * set, the value of a setting), and for arrays of numbers nested to any depth.
 */

type Schemas = import("../openapi/api.js").components["schemas"];
/** A number, or lists of numbers nested to the depth of a shape. */
type Nested = any;
/** null: the number is not finite. */
type Finite = number | null;
/** T with A in place of arrays that the server writes as lists or as typed arrays. */
type Arrays<T, A> = [Extract<T, Schemas["TypedArray"]>] extends [never]
  ? T extends object
    ? { [K in keyof T]: Arrays<T[K], A> }
    : T
  : A | Extract<T, null>;
/** T with lists in place of the same. */
type Lists<T> = T extends Schemas["TypedArray"]
  ? never
  : T extends object
    ? { [K in keyof T]: Lists<T[K]> }
    : T;
/** T with U in place of the fields of the same names. */
type With<T, U> = Omit<T, keyof U> & U;

type Formula = Schemas["Formula"];
type Edit = With<Schemas["Edit"], { to: any }>;
type DatasetRecipe = Record<string, any> & { name: string };
type Recipe = With<Required<Schemas["Recipe"]>, { dataset: DatasetRecipe; edits: Edit[] }>;
/** What it leaves out, the server fills in. */
type RecipePart = {
  [K in keyof Recipe]?: Recipe[K] extends unknown[] ? Recipe[K] : Partial<Recipe[K]>;
};
type Experiment = With<Omit<Schemas["ExperimentAnswer"], "experiment">, { recipe: Recipe }>;
/** `target` is the first of several `targets`. */
type DataPart = With<Lists<Schemas["DataPart"]>, { target: number[]; targets?: number[][] }>;
type Data = With<Lists<Schemas["DataAnswer"]>, { train: DataPart; test: DataPart }>;

/** Which the page always asks for. */
type LayerTensors = "W" | "b" | "dC_dW" | "dC_db";
/** Of a frame. */
type Layer = With<
  Arrays<Schemas["FrameLayer"], Tensor>,
  Record<LayerTensors, Tensor> & {
    neurons: Record<string, ArrayLike<number> | null>;
    map?: Tensor | null;
  }
>;
type Grid = Required<Arrays<Schemas["Boundary"], Tensor>>;
/** The output over a grid of two features, rows follow y; or over one feature. */
type ClassRegions = With<Grid, { kind: "classes" }>;
type Surface = With<Omit<Grid, "confidence">, { kind: "binary" | "surface" }>;
type FittedCurve = With<Omit<Grid, "confidence" | "y">, { kind: "curve" }>;
type Boundary = ClassRegions | Surface | FittedCurve;
type Frame = With<
  Arrays<Schemas["FrameAnswer"], Tensor>,
  {
    layers: Layer[];
    boundary?: Boundary;
    input: ArrayLike<number>;
    output: ArrayLike<number>;
  }
>;

/** What answers without formulas leave out; the page then keeps what it has. */
type Described = "label" | "spoken" | "about" | "axes" | "quantity" | "of";
type Description = Required<Pick<Schemas["TraceLine"], Described>>;
type Given = With<Arrays<Schemas["TraceGiven"], Nested>, Description>;
/** What lines of a program have beside those of a network; places and terms: core/program.js;
 * explicit: core/whole.js. */
type OfProgram = Partial<
  Pick<
    Schemas["ProgramStep"],
    | "axes_of" | "group" | "part" | "sum_of" | "stretched" | "sources" | "picks" | "reads"
    | "also" | "file" | "line" | "span" | "run" | "show"
  >
> & {
  mask?: Nested;
  places?: (number[][][] | null)[];
  terms?: string[];
  explicit?: (index: number[]) => import("../../../static/js/core/entries.js").Explicit;
};
type Line = With<Arrays<Schemas["TraceLine"], Nested>, Description> & OfProgram;
type ProgramAnswer = Schemas["ReadyProgramTrace"];
type ProgramGroup = Schemas["ProgramGroup"];
type Trace = With<Arrays<Schemas["FrameTraceAnswer"], Nested>, { lines: Line[]; givens: Given[] }>;

/** Of a table of the catalog. */
type Entry = Schemas["Entry"] & { parameters?: Schemas["CatalogParameter"][] };
type Catalog = Schemas["CatalogAnswer"];
type MarkedLine = Schemas["MarkedLine"];
type LayerActivation = Schemas["LayerActivation"];
type Diagnosis = Schemas["CheckDiagnosis"];
type Note = Schemas["CheckNote"];
type Check = Schemas["CheckAnswer"];
type ParsedArray = With<Schemas["ParsedArray"], { value: Nested; decimal?: Nested }>;
/** Printed text, read. */
type Parsed = With<Schemas["ParseAnswer"], { arrays: ParsedArray[] }>;
type Direction = Lists<Schemas["Direction"]>;
type GradientSlice = Lists<Schemas["GradientSlice"]>;
type PlaneSlice = Lists<Schemas["PlaneSlice"] | Schemas["WeightsSlice"]>;
type SliceAnswer = GradientSlice | PlaneSlice;
type Shares = Lists<With<Schemas["SharesAnswer"], { entry: Schemas["EntryParts"] }>>;
/** How to read a table; left out or null: as the server suggests. */
type TableChoices = Partial<Omit<Schemas["Upload"], "csv">>;
type TableAnswer = Schemas["DatasetAnswer"];
type TableHead = Schemas["TableHead"];

// Lessons

type Piece = Schemas["ProsePiece"] | Schemas["CodePiece"] | Schemas["MathPiece"];
/** Paragraphs. */
type RichText = Piece[][];
type Summary = Schemas["LessonSummary"];
type LessonScene = Schemas["LessonScene"] & {
  recipe?: Recipe;
  reference?: Recipe;
  sample?: number | "batch";
  map?: Sweep;
};
type Card = With<Schemas["LessonCard"], { scene: LessonScene | null }>;
type Question = NonNullable<Card["question"]>;
type Lesson = With<Schemas["LessonAnswer"], { cards: Card[] }>;
type Sheet = Schemas["LessonSheet"];
/** Of a reader: an option's position, numbers, or text that the server reads. */
type Answer = Nested | string;
type AnswerMark = With<Schemas["AnswerMark"], { cards: Card[] | null }>;
type Solution = With<Schemas["SolutionAnswer"], { cards: Card[] }>;
type Hint = Schemas["HintAnswer"];
/** Why the server does not take what it was given. */
type Refusal = { refused: string };

// Rooms

type RoomScene = Schemas["SceneInRoom"];
type Counts = Schemas["AnswerCounts"];
type SharedQuestion = Schemas["QuestionInRoom"];
type QuestionState = SharedQuestion["state"];
type RoomState = Schemas["RoomState"];
type RoomMark = Schemas["RoomMark"];
/** With what those are shown who have a token. */
type StudentQuestion = Schemas["StudentQuestion"] & {
  shown: NonNullable<Schemas["StudentQuestion"]["shown"]>;
};
/** The rest has defaults. */
type QuestionRequest = Partial<Schemas["QuestionRequest"]>;
type Mistake = Schemas["TallyMistake"];
type TallyQuestion = Schemas["TallyQuestion"];
type Tally = Schemas["TallyAnswer"];
