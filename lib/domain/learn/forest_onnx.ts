/**
 * Trees as ONNX's TreeEnsembleClassifier (https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html, version 3), which every runtime
 * serves. Its numbers are of 32 bits: a threshold becomes the next such number at or below it, so that a value of 32 bits goes the same way as here.
 * The line of calibration is in the leaves and the base. Inputs are the features as `Coder` makes them; a missing one is NaN.
 */
import type { Attribute, OnnxModel } from '../onnx/model.ts'
import type { Classifier } from './classifier.ts'

/** `x`, rows of features → `label`, the place of the likeliest class, and `probability`, of each class. */
export function classifierOnnx({ target, classes, forest: { features, bases, trees }, calibration: { slope, intercept } }: Classifier): OnnxModel {
  const nodes = new Nodes(slope)
  let id = 0
  trees.forEach((list, score) => {
    for (const tree of list) nodes.add(tree, id++, score)
  })
  return {
    name: 'classifier',
    inputs: [{ name: 'x', type: 'float32', shape: ['rows', features.length] }],
    outputs: [{ name: 'label', type: 'int64', shape: ['rows'] }, { name: 'probability', type: 'float32', shape: ['rows', classes.length] }],
    constants: {},
    nodes: [{
      op: 'TreeEnsembleClassifier', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['label', 'probability'],
      attributes: {
        ...nodes.attributes(),
        base_values: { floats: bases.map((base) => Math.fround(slope * base + intercept)) },
        classlabels_int64s: { ints: classes.map((_, k) => k) },
        post_transform: { text: trees.length === 1 ? 'LOGISTIC' : 'SOFTMAX' },
      },
    }],
    metadata: { target, classes: JSON.stringify(classes), features: JSON.stringify(features) },
  }
}

/** The largest number of 32 bits that is no larger; what is beyond them all is the largest or infinite. */
export function float32Below(value: number): number {
  const near = Math.fround(value)
  if (near <= value) return near
  const bits = new Int32Array(1), float = new Float32Array(bits.buffer)
  float[0] = near
  // Of numbers above 0 the next lower one has one bit less; of those below 0 one more.
  if (near === 0) return -1.401298464324817e-45
  bits[0] = (bits[0] ?? 0) + (near > 0 ? -1 : 1)
  return float[0]
}

/** The operator's lists: a place for every node of every tree. */
class Nodes {
  readonly #slope: number
  readonly #ints: { readonly [name: string]: number[] } = {
    nodes_treeids: [], nodes_nodeids: [], nodes_featureids: [], nodes_truenodeids: [], nodes_falsenodeids: [], nodes_missing_value_tracks_true: [],
    class_treeids: [], class_nodeids: [], class_ids: [],
  }
  readonly #values: number[] = []
  readonly #weights: number[] = []
  readonly #modes: string[] = []

  constructor(slope: number) {
    this.#slope = slope
  }

  add({ feature, threshold, left, right, missing, value }: Classifier['forest']['trees'][number][number], tree: number, score: number): void {
    feature.forEach((f, node) => {
      const isLeaf = f < 0
      this.#push({
        nodes_treeids: tree, nodes_nodeids: node, nodes_featureids: Math.max(0, f), nodes_truenodeids: isLeaf ? 0 : left[node] ?? 0,
        nodes_falsenodeids: isLeaf ? 0 : right[node] ?? 0, nodes_missing_value_tracks_true: isLeaf ? 0 : missing[node] ?? 0,
      })
      this.#values.push(isLeaf ? 0 : float32Below(threshold[node] ?? 0))
      this.#modes.push(isLeaf ? 'LEAF' : 'BRANCH_LEQ')
      if (!isLeaf) return
      this.#push({ class_treeids: tree, class_nodeids: node, class_ids: score })
      this.#weights.push(Math.fround(this.#slope * (value[node] ?? 0)))
    })
  }

  #push(entry: { readonly [name: string]: number }): void {
    for (const [name, value] of Object.entries(entry)) this.#ints[name]?.push(value)
  }

  attributes(): { readonly [name: string]: Attribute } {
    return {
      ...Object.fromEntries(Object.entries(this.#ints).map(([name, ints]) => [name, { ints }])),
      nodes_values: { floats: this.#values }, nodes_modes: { texts: this.#modes }, class_weights: { floats: this.#weights },
    }
  }
}
