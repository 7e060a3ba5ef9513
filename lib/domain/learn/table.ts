/** Numbers to learn from, a column a feature: what every learner here reads. */

/** `columns[f][row]`; NaN is a missing value, and nothing else is. */
export interface Table {
  readonly rows: number
  readonly features: readonly string[]
  readonly columns: readonly Float64Array[]
}

/** Rows of named numbers as a table; a feature that a row does not name is missing there. Throws RangeError on an infinity. */
export function tableOf(rows: readonly { readonly [feature: string]: number | undefined }[], features: readonly string[]): Table {
  const columns = features.map((feature) => {
    const column = new Float64Array(rows.length)
    rows.forEach((row, i) => {
      const value = row[feature] ?? NaN
      if (value === Infinity || value === -Infinity) throw new RangeError(`feature ${feature}, row ${i}: not finite`)
      column[i] = value
    })
    return column
  })
  return { rows: rows.length, features, columns }
}

/** The rows at these places, in this order. */
export function pick(table: Table, places: readonly number[]): Table {
  const columns = table.columns.map((column) => Float64Array.from(places, (place) => column[place] ?? NaN))
  return { rows: places.length, features: table.features, columns }
}

export const rowOf = ({ columns }: Table, row: number): Float64Array => Float64Array.from(columns, (column) => column[row] ?? NaN)
