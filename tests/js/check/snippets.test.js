import assert from "node:assert/strict";
import test from "node:test";
import { overHttp, withoutServer } from "../../../static/js/check/snippets.js";

const work = {
  ...{ activations: ["tanh"], cost: "mse", reduction: "sum", convention: "row" },
  ...{ rate: "0,5", penalty: { l1: 0, l2: 0.1 } },
};

test("code over HTTP sends the settings and the submitted lines", () => {
  const code = overHttp(work, 2, ["z1", "dz1/dW1"], "http://h/");
  for (const part of [
    'zip(layers, ["tanh", "sigmoid"], strict=True)',
    '"optimizer": {"name": "sgd", "learning_rate": 0.5},',
    '"penalty": {"l1":0,"l2":0.1},',
    '"dz1/dW1": np.asarray(dz1_dW1).tolist(),',
    'httpx.post("http://h/api/v1/check"',
  ])
    assert.ok(code.includes(part), part);
});

test("code without a server leaves out what is not given", () => {
  const code = withoutServer({ ...work, rate: "", penalty: null }, 1, []);
  assert.ok(code.includes('"dC_dW1": dC_dW1,'));
  assert.ok(!/learning_rate|l1=/.test(code));
  assert.ok(withoutServer(work, 1, []).includes("learning_rate=0.5,"));
  assert.ok(withoutServer(work, 1, []).includes('convention="row"'));
  assert.ok(withoutServer(work, 1, []).includes("l2=0.1,"));
});
