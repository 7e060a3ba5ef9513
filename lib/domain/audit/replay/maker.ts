/** Who made a record, read from its `by`. */

export interface Maker {
  /** `vanta-vault`. */
  readonly tool: string
  readonly version: string
  /** What followed the tool's name: a verb, options. */
  readonly words: string
  /** Names the stage: the tool, and the vault where there is one stage for each. */
  readonly stage: string
}

const BY = /^(vanta[\w-]*)\/(\S+)(?: (.*))?$/s

/** Undefined where it was no tool of ours. */
export function makerOf(by: string): Maker | undefined {
  const [, tool, version, words = ''] = BY.exec(by) ?? []
  if (tool === undefined || version === undefined) return undefined
  return { tool, version, words, stage: `${tool}${vaultIn(words)}` }
}

function vaultIn(words: string): string {
  const [, vault] = /(?:^| )--vault (\S+)/.exec(words) ?? []
  return vault === undefined ? '' : ` ${vault}`
}
