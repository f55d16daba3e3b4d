/** A server in memory: experiments are known by their recipe's JSON, frames have only a step. */
import { tensor } from "./data.js";
import { value } from "./lines.js";

export const RECIPE = {
  dataset: { name: "moons" },
  network: { layers: [{ units: 1, activation: "sigmoid" }] },
  cost: { name: "mse" },
  optimizer: { name: "sgd", learning_rate: 0.1 },
};
const LINES = [
  value("z1", { value: [0], shape: [1] }),
  value("a1", { inputs: ["z1"], value: [0], shape: [1] }),
];

/**
 * The functions of `createApi` that a test needs. `log` has their names and first arguments; a
 * function of `more` comes instead of one of these.
 */
export function fakeApi(more = {}) {
  const log = [];
  const frame = (step) => ({
    step,
    layers: [{ units: 1, activation: "sigmoid" }],
    curves: { step: tensor([step]), cost_train: tensor([1 / (step + 1)]) },
    boundary: { kind: "curve", at: step },
    diverged: null,
  });
  const answers = {
    catalog: async () => ({}),
    createExperiment: async (recipe) => ({
      id: JSON.stringify(recipe),
      recipe: { ...RECIPE, ...recipe },
    }),
    data: async () => ({
      task: "classification",
      features: ["p", "q"],
      classes: ["A", "B"],
      train: {
        x: [
          [0, 0],
          [1, 1],
        ],
        target: [0, 1],
      },
      test: { x: [], target: [] },
    }),
    frame: async (id, step) => ({ ...frame(step), of: id }),
    trace: async (id, step, { lines }) => ({
      ...{ step, givens: [], gradients: [], of: id },
      lines: lines ? LINES.filter(({ id }) => lines.split(",").includes(id)) : LINES,
    }),
    steps: async (id, { first, every = 1, count = 1, include, once, ...options }) => {
      const at = Array.from({ length: count }, (_, k) => first + k * every);
      const one = async (step) => ({
        frame: await answers.frame(id, step, options),
        trace: await answers.trace(id, step, options),
      });
      return Promise.all(at.map(one));
    },
    ...more,
  };
  const api = Object.fromEntries(
    Object.entries(answers).map(([name, run]) => [
      name,
      (...given) => {
        log.push([name, ...given.slice(0, 2)]);
        return run(...given);
      },
    ]),
  );
  return { api, log, frame };
}

/** A promise and its two ends. */
export const deferred = () => Promise.withResolvers?.() ?? own();
function own() {
  const ends = {};
  ends.promise = new Promise((resolve, reject) => Object.assign(ends, { resolve, reject }));
  return ends;
}

/** After everything that is ready now. */
export const settled = () => new Promise((done) => setImmediate(done));
