/**
 * The course's one-layer example with one mistake: ∂C/∂z was multiplied by a instead of f'(z).
 * Later lines follow from it. The givens have the digits that give the course's printed results.
 */

/** @type {Work} */
export const EXAMPLE = {
  text: `layers = [(array([[ 0.5, -0.3],
                  [ 0.8,  0.2],
                  [-0.4,  0.6]]),
           array([1.4406276019, 1.3578517102, 0.0375935326]))]
x = array([0.0170620457, 0.985677301])
target = array([0.4131828317, 0.0895803974, 0.4486095497])

z1 = [1.15345543 1.56863681 0.62217509]
a1 = [0.7601415  0.82758919 0.65071308]
dC_da1 = [0.23130578 0.49200586 0.13473569]
dC_dz1 = [0.17582512 0.40717873 0.08767427]
dC_dW1 = [[0.00299994 0.17330683]
 [0.0069473  0.40134683]
 [0.0014959  0.08641854]]
dC_db1 = [0.17582512 0.40717873 0.08767427]`,
  activations: [],
  convention: "",
  cost: "",
  reduction: "",
  rate: "",
  penalty: null,
  readAs: {},
  from: "",
};

/** @type {Work} */
export const EMPTY = { ...EXAMPLE, text: "" };
