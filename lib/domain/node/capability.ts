/**
 * What a program may touch beyond its own process. A capability is a word of the form `what:which`; one that ends with `*` stands for all that
 * begin like it.
 *
 * | word | what it allows |
 * |---|---|
 * | `service:NAME` | ask the services of the collector vanta-NAME |
 * | `broker` | send orders, to paper too |
 * | `read:STREAM`, `write:STREAM` | be a reader of a stream between the nodes, append to it |
 * | `secret:NAME` | read the file of secrets of that name |
 * | `keys:vault`, `keys:node` | make key pairs of vaults, or of the node, and sign with them |
 * | `memory:FILE` | write memory/FILE |
 * | `logs:FILE` | write logs/FILE, or below it |
 * | `features` | keep features: write features/, or another folder of them |
 * | `serve:NAME`, `ask:NAME` | put features online under that name, ask for features that are recorded or served |
 *
 * What stands in the home may be read by all that runs there, but for secrets and private keys.
 */
export type Capability =
  | `service:${string}` | 'broker' | `read:${string}` | `write:${string}` | `secret:${string}` | 'keys:vault' | 'keys:node'
  | `memory:${string}` | `logs:${string}` | 'features' | `serve:${string}` | `ask:${string}`

/** Whether all that `wanted` stands for is among what is granted. */
export function covers(granted: readonly Capability[], wanted: Capability): boolean {
  return granted.some((one) => (one.endsWith('*') ? wanted.startsWith(one.slice(0, -1)) : one === wanted || wanted.startsWith(`${one}/`)))
}

/** What of `wanted` is not granted, in its order. */
export function lacking(granted: readonly Capability[], wanted: readonly Capability[]): readonly Capability[] {
  return wanted.filter((one) => !covers(granted, one))
}

/** What follows the colon of the capabilities of one sort: `whichOf(granted, 'secret')`. */
export function whichOf(
  granted: readonly Capability[], sort: 'service' | 'read' | 'write' | 'secret' | 'memory' | 'logs' | 'serve' | 'ask',
): readonly string[] {
  return granted.flatMap((one) => (one.startsWith(`${sort}:`) ? [one.slice(sort.length + 1)] : []))
}
