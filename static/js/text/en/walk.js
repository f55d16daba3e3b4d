/** Texts of the walk through the lines of a step. */
export const walk = {
  group: "Walk through the lines",
  forward: "Forward",
  backward: "Error back",
  pause: "Pause",
  forwardTitle: "Walk the forward pass line by line (f)",
  backwardTitle: "Run the error back line by line, then update the weights (r)",
  pauseTitle: "Stay at this line",
  pace: "Time for each line",
  /** @param {number} seconds */
  aLine: (seconds) => `${seconds} s a line`,
};
