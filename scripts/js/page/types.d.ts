/** Types of modules that others use, under one name each. */

type Work = import("../../../static/js/check/keep.js").Work;
type Penalty = import("../../../static/js/check/penalty.js").Penalty;
type Unsent = import("../../../static/js/classroom/kept.js").Unsent;
type ClassServices = import("../../../static/js/classroom/student.js").ClassServices;
type Tensor = import("../../../static/js/core/decode.js").Tensor;
type RunHistory = import("../../../static/js/core/history.js").RunHistory;
type Slice = import("../../../static/js/core/slice.js").Slice;
type Axis = import("../../../static/js/core/sweep.js").Axis;
type Cell = import("../../../static/js/core/sweep.js").Cell;
type Cells = import("../../../static/js/core/sweep.js").Cells;
type Sweep = import("../../../static/js/core/sweep.js").Sweep;
type Veil = import("../../../static/js/core/veil.js").Veil;
type Pass = import("../../../static/js/core/walk.js").Pass;
type Branching = import("../../../static/js/explorer/comparing.js").Branching;
type Command = import("../../../static/js/explorer/commands.js").Command;
type PlotElement = import("../../../static/js/explorer/dock/plots.js").PlotElement;
type Dragging = import("../../../static/js/explorer/hold.js").Dragging;
type Form = import("../../../static/js/explorer/fields.js").Form;
type OwnData = import("../../../static/js/explorer/own-data.js").OwnData;
type Changes = import("../../../static/js/explorer/services.js").Changes;
type FigureServices = import("../../../static/js/explorer/services.js").FigureServices;
type Place = import("../../../static/js/explorer/services.js").Place;
type Plots = import("../../../static/js/explorer/services.js").Plots;
type Services = import("../../../static/js/explorer/services.js").Services;
type UseData = import("../../../static/js/explorer/services.js").UseData;
type Attributes = import("../../../static/js/figures/colour.js").Attributes;
type ColourScale = import("../../../static/js/figures/colour.js").ColourScale;
type Figure = import("../../../static/js/figures/colour.js").Figure;
type Palette = import("../../../static/js/figures/colour.js").Palette;
type Geometry = import("../../../static/js/figures/geometry.js").Geometry;
type HeatGeometry = import("../../../static/js/figures/geometry.js").HeatGeometry;
type Shape = import("../../../static/js/figures/shapes.js").Shape;
type Kind<Q extends Question> = import("../../../static/js/lessons/controls.js").Kind<Q>;
type OnPaper<Q extends Question> = import("../../../static/js/lessons/controls.js").OnPaper<Q>;
type Drawing = import("../../../static/js/pictures/shapes.js").Drawing;
type View = import("../../../static/js/pictures/shapes.js").View;
type Kept = import("../../../static/js/lessons/progress.js").Kept;
type Api = import("../../../static/js/server/api.js").Api;
type Player = import("../../../static/js/server/player.js").Player;
type Session = import("../../../static/js/server/session.js").Session;
type Painter = import("../../../static/js/state/paint.js").Painter;
type Shown = import("../../../static/js/state/shown.js").Shown;
type Hold = import("../../../static/js/state/hold.js").Hold;
type Filled = import("../../../static/js/state/store.js").Filled;
type Page = import("../../../static/js/state/store.js").Page;
type State = import("../../../static/js/state/store.js").State;
type Store = import("../../../static/js/state/store.js").Store;
type Fields = import("../../../static/js/state/url.js").Fields;
type LinkedView = import("../../../static/js/state/url.js").LinkedView;
type Attribute = import("../../../static/js/ui/dom.js").Attribute;
type Child = import("../../../static/js/ui/dom.js").Child;
type Plotly = import("../../../static/js/ui/plot.js").Plotly;

/**
 * Texts by name, for `@satisfies`: the values that a text without types of its own takes are
 * strings and numbers.
 */
interface Texts {
  [name: string]: string | Texts | ((...values: (string | number)[]) => string) | object;
}
