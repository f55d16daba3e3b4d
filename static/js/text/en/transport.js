/** Texts of playing and stepping. */
export const transport = {
  toStartKey: "To the start (Home)",
  toStart: "To the start",
  stepBackKey: "One step back (,)",
  stepBack: "One step back",
  playOrPause: "Train or pause (space)",
  oneStepKey: "One step (.)",
  oneStep: "One step",
  trainingStep: "Training step",
  goToStep: "Go to step",
  stop: "Stop",
  stopComputing: "Stop computing",
  wholeNumber: "A whole number from 0 on is needed here.",
  speed: "Speed",
  toStep: "to step",
  costTrain: "cost train",
  pause: "Pause",
  play: "Train",
  /** @param {string} target @param {string} reached */
  computing: (target, reached) => `computing step ${target}, ${reached} done`,
  step: "step",
  twoClocks: "Train takes step after step; Forward and Error back go through one.",
  epoch: "epoch",
  test: "test",
  speedWord: "speed",
  /** @param {number} step @param {number} end */
  stepOf: (step, end) => `step ${step} of ${end}`,
  /** @param {string} steps @param {number} frames each second */
  pace: (steps, frames) => `${steps} steps/s · ${frames} frames/s`,
  accuracy: "accuracy",
  acc: "acc.",
  accuracyOf: { train: "accuracy train", test: "accuracy test" },
};
