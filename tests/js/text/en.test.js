import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { TEXT } from "../../../static/js/text/en.js";
import { PROGRAMS } from "../../../static/js/text/programs.js";
import { isShown, literals } from "../literals.js";

const JS = fileURLToPath(new URL("../../../static/js/", import.meta.url));
const FILES = readdirSync(JS, { recursive: true })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".js") && !name.startsWith("text/"));
/** Literals that look like sentences and are none, or are no part of the page. */
const EXCEPTIONS = {
  "ui/plot.js": /^Plotly$/, // a name in the page
  "lessons/kinds/function.js": /^KQT-MXR$/, // a code as it looks
  "check/explore-link.js": /^class …$/, // a class's name in the data
  "check/keep.js": /^layers = /, // numbers as NumPy prints them
  "classroom/question.js": /^z1 = /, // numbers as NumPy prints them
  "core/drawing.js": /^class …$/, // a class's name in the data
  "core/formula.js": /^ (?:if|else) $/, // of a formula
  "core/numpy.js": /^import numpy/, // Python code to copy
  "explorer/dock/data.js": /^batch …$/, // says which picture is drawn
  "explorer/templates.js": /^(?:starts|ends) label-unit$/, // classes
  "figures/network-labels.js": /^caption label-/, // a class
  "server/api.js": /^no longer wanted$/, // of an error that is never shown
  "check/snippets.js": /^import (?:httpx|backprop_explorer)/, // Python code to copy
  "pictures/products.js": /^… pale$/, // classes
  "lessons/progress.js": /^Backprop Explorer: progress/, // says what an exported file is
};

test("no sentence or label is written outside of text", () => {
  const found = FILES.flatMap((name) =>
    literals(readFileSync(JS + name, "utf8"))
      .filter((each) => isShown(each) && !EXCEPTIONS[name]?.test(each.value))
      .map(({ line, value }) => `${name}:${line}: ${value}`),
  );
  assert.deepEqual(found, []);
});

test("sentences and labels are told from other strings", () => {
  const shown = (code) => literals(code).filter(isShown).length;
  for (const code of [
    'h("p", {}, "Two words")',
    'title: "Copy"',
    "write(x, `more tries left`)",
    'h("td", { class: "soft" }, last ? "wrong" : "")',
    `a = \`step \${n}\``,
    '["Your ", name]',
  ])
    assert.equal(shown(code), 1, code);
  for (const code of [
    'h("p", { class: "Two words" })',
    'closest(target, "Button, input")',
    '"ArrowLeft"',
    "/* It's */",
    'x.replace(/"/g, "")',
    `h("p", { class: \`mark \${kind}\` })`,
    `\`\${a}-\${b} \${c}\``,
  ])
    assert.equal(shown(code), 0, code);
});

test("every text is used", () => {
  const sources = readdirSync(JS, { recursive: true })
    .filter((name) => name.endsWith(".js") && !/^text\b/.test(name))
    .map((name) => readFileSync(JS + name, "utf8"))
    .join("\n");
  const sections = Object.entries(TEXT).map(([name, texts]) => [`TEXT.${name}`, texts]);
  const unused = [...sections, ["PROGRAMS", PROGRAMS]].flatMap(([section, texts]) =>
    Object.keys(texts)
      .map((key) => `${section}.${key}`)
      .filter((path) => !new RegExp(`${path.replaceAll(".", "\\.")}\\b`).test(sources)),
  );
  assert.deepEqual(unused, []);
});

test("counts have their own words", () => {
  assert.equal(TEXT.lesson.tries(1), "1 try");
  assert.equal(TEXT.lesson.tries(2), "2 tries");
  assert.equal(TEXT.check.inLines([3]), "line 3");
  assert.equal(TEXT.check.inLines([3, 4]), "lines 3, 4");
  assert.equal(TEXT.lessonList.progressAdded(1), "Progress in 1 lesson is added to yours.");
});
