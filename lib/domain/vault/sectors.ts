/** `memory/sectors.json`: `{"sectors": {"ticker:GME": "retail"}}`. What is not named there is of one sector, `unknown`. */
export const SECTORS_FILE = 'sectors.json'

export function sectorsIn(memory: { readonly [name: string]: unknown } | undefined): (subject: string) => string {
  const named = memory?.['sectors']
  const known = typeof named === 'object' && named !== null ? new Map(Object.entries(named)) : new Map<string, unknown>()
  return (subject) => {
    const sector = known.get(subject)
    return typeof sector === 'string' ? sector : 'unknown'
  }
}
