/**
 * Code that sends exactly this request from the variables of a notebook: over HTTP, or without a
 * server.
 */

import { idOf } from "../core/names.js";
import { absolute } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { copyText } from "../ui/clipboard.js";
import { h } from "../ui/dom.js";
import { rateOf } from "./givens.js";

/** A line's name as a Python name: a few have Greek letters or a slash. @param {string} name */
const variable = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : name.replace(/\W+/g, "_"));
const text = (/** @type {unknown} */ value) => JSON.stringify(value);

/** @param {Work} work @param {number} depth @param {string[]} lines ids of the submitted lines */
function settings(work, depth, lines) {
  const activations = Array.from(
    { length: Math.max(1, depth) },
    (_, k) => work.activations[k] || "sigmoid",
  );
  const rate = rateOf(work);
  return {
    activations: `[${activations.map(text).join(", ")}]`,
    lines: lines.length ? lines : ["dC_dW", "dC_db"].map((one) => idOf(one, 1)),
    rate: Number.isNaN(rate) ? null : rate,
  };
}

/**
 * @param {Work} work @param {number} depth @param {string[]} lines
 * @param {string} server its address
 */
export function overHttp(work, depth, lines, server) {
  const { activations, lines: names, rate } = settings(work, depth, lines);
  const penalty = work.penalty ? `    "penalty": ${text(work.penalty)},\n` : "";
  const update = `    "optimizer": {"name": "sgd", "learning_rate": ${rate}},\n`;
  return `import httpx
import numpy as np

request = {
    "layers": [
        {"W": np.asarray(W).tolist(), "b": np.asarray(b).tolist(), "activation": activation}
        for (W, b), activation in zip(layers, ${activations}, strict=True)
    ],
    "x": np.asarray(x).tolist(),
    "target": np.asarray(target).tolist(),
    "cost": ${text(work.cost)},
    "reduction": ${text(work.reduction)},
    "convention": ${text(work.convention)},
${penalty}${rate === null ? "" : update}    "submitted": {
${names.map((name) => `        ${text(name)}: np.asarray(${variable(name)}).tolist(),`).join("\n")}
    },
}
answer = httpx.post("${server}api/v1/check", json=request).raise_for_status().json()

print(answer["summary"])
for line, mark in answer["lines"].items():
    print(f"{line:10} {mark['verdict']}")
`;
}

function penaltyArguments(/** @type {Penalty} */ { l1, l2, square, divided_by, on }) {
  const divided = divided_by === "samples" ? " / len(x)" : "";
  const rest = on === "weights_and_biases" ? "    penalty_on_biases=True,\n" : "";
  const factor = square === "whole" ? "2 * " : "";
  return `    l1=${l1}${divided},\n    l2=${factor}${l2}${divided},\n${rest}`;
}

/** @param {Work} work @param {number} depth @param {string[]} lines */
export function withoutServer(work, depth, lines) {
  const { activations, lines: names, rate } = settings(work, depth, lines);
  const penalty = work.penalty ? penaltyArguments(work.penalty) : "";
  const update = rate === null ? "" : `    learning_rate=${rate},\n`;
  return `import backprop_explorer as bx

result = bx.check(
    {
${names.map((name) => `        ${text(name)}: ${variable(name)},`).join("\n")}
    },
    layers,
    x,
    target,
    activations=${activations},
    cost=${text(work.cost)},
    reduction=${text(work.reduction)},
    convention=${text(work.convention)},
${penalty}${update})
print(result.summary)
for line, mark in result.lines.items():
    print(f"{line:10} {mark.verdict}")
`;
}

/** @param {Element} root @param {(text: string) => void} announce */
export function mountSnippets(root, announce) {
  /** @param {string} name @param {string} title */
  const make = (name, title) => {
    const code = h("code");
    const button = h(
      "button.quiet[data-action=copy-snippet]",
      { "data-snippet": name, "aria-label": TEXT.check.copyNamed(title) },
      TEXT.ui.copy,
    );
    button.addEventListener("click", async () => {
      const copied = await copyText(code.textContent ?? "");
      button.textContent = copied ? TEXT.check.copied : TEXT.check.selectAndCopy;
      announce(button.textContent ?? "");
      setTimeout(() => (button.textContent = TEXT.ui.copy), 2000);
      if (!copied) getSelection()?.selectAllChildren(code);
    });
    const element = h(
      "figure.snippet",
      h("figcaption", h("span", title), button),
      h("pre[role=group][tabindex=0]", { "data-snippet-text": name, "aria-label": title }, code),
    );
    return { element, code };
  };
  const http = make("httpx", TEXT.check.overHttp);
  const core = make("core", TEXT.check.withoutServer);
  root.append(http.element, core.element);
  return {
    /** @param {Work} work @param {number} depth @param {string[]} lines */
    show(work, depth, lines) {
      http.code.textContent = overHttp(work, depth, lines, absolute());
      core.code.textContent = withoutServer(work, depth, lines);
    },
  };
}
