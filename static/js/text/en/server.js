/** Texts of requests, and the speeds of playing. @satisfies {Texts} */
export const server = {
  noAnswerKept: "The server does not answer. What you typed is kept; try again when it is back.",
  otherData:
    "The comparison has ended: the kept run has other data. To compare with this one, keep it.",
  comparisonFails: (message) => `The run to compare with cannot be shown here. ${message}`,
  askingAgain: "The server does not answer. Asking again every second.",
  waiting: "A request waits for the server. It is not lost.",
  refusal: "The server refused this.",
  notJson: (status) => `The server answered ${status} with something that is not JSON.`,
  noAnswer: "The server does not answer.",
  stepASecond: "1 update a second",
  stepsASecond4: "4 updates a second",
  stepsASecond12: "12 updates a second",
  stepAFrame: "1 update a frame",
  stepsAFrame10: "10 updates a frame",
  stepsAFrame100: "100 updates a frame",
  asFastAsItGoes: "as fast as it goes",
};
