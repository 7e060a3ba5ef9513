/** How the verbs ask the index of the log. */
import type { Asking } from '#domain/audit/index/store'
import type { ActionWorld } from '#tool'

const MIB = 1 << 20

export const askingIn = ({ log, progress }: Pick<ActionWorld, 'log' | 'progress'>): Asking => ({
  progress: (done, of) => progress(done < of ? `indexing the log: ${Math.floor(done / MIB)} of ${Math.floor(of / MIB)} MiB` : ''),
  unkept: (reason) => log.warn(`the index of the log cannot be kept, so this takes longer: ${reason.message}`),
})
