/** Options by which verbs choose records of the log. */
import { endOfDay, isKind, KINDS, type Kind, type Millis } from '#record'
import type { Selection } from '#domain/audit/selection'
import { Failure, type Options } from '#tool'

export const SPAN = {
  from: { kind: 'moment', help: 'only what was known at or after this moment' },
  to: { kind: 'moment', help: 'only what was known up to this moment; a bare date is taken whole' },
} as const satisfies Options

export const SELECTING = {
  ...SPAN,
  kind: { kind: 'list', help: 'only records of these kinds, such as fill,order' },
  vault: { kind: 'list', help: 'only records of these vaults' },
  subject: { kind: 'list', help: 'only records about these subjects, such as ticker:GME, or that mention them' },
} as const satisfies Options

interface Selecting {
  readonly from: Millis | undefined
  readonly to: Millis | undefined
  readonly kind: readonly string[] | undefined
  readonly vault: readonly string[] | undefined
  readonly subject: readonly string[] | undefined
}

/** Throws Failure `usage` on what is no kind of record. */
export const selectionOf = ({ from, to, kind, vault, subject }: Selecting): Selection =>
  ({ fromMs: from, toMs: to === undefined ? undefined : endOfDay(to), kinds: kind && kindsOf(kind), vaults: vault, subjects: subject })

/** Throws Failure `usage` on what is no kind of record. */
export function kindsOf(names: readonly string[]): readonly Kind[] {
  return names.map((name) => {
    if (!isKind(name)) throw new Failure('usage', `--kind: expected some of ${KINDS.join(', ')}, got "${name}"`)
    return name
  })
}
