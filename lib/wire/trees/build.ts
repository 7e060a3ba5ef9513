/** Trees of other libraries as ours: node by node from the root, each where its parent has been. */
import { Failure } from '#port/failure'
import { TreeDraft, type BoostedTree } from '#domain/learn/tree'

/** A node as another library has it; its children by what that library calls them. */
export type ForeignNode<N> =
  | { readonly value: number; readonly cover: number }
  | { readonly feature: number; readonly threshold: number; readonly missingLeft: boolean; readonly left: N; readonly right: N }

/** Throws Failure `data` where there are more nodes than `most`: the tree goes in a circle. `place` is what messages call it. */
export function treeFrom<N>(root: N, most: number, place: string, nodeOf: (node: N) => ForeignNode<N>): BoostedTree {
  const draft = new TreeDraft()
  const ahead: (readonly [node: N, at: number])[] = [[root, 0]]
  let met = 0
  for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
    if (++met > most) throw new Failure('data', `${place}: its nodes go in a circle`)
    const [name, at] = one, node = nodeOf(name)
    if ('value' in node) {
      draft.answer(at, node.value, node.cover)
      continue
    }
    const left = draft.split(at, node.feature, node.threshold, node.missingLeft)
    ahead.push([node.right, left + 1], [node.left, left])
  }
  return draft.tree(true)
}
