/**
 * Measurements in the text format of Prometheus, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/): for each name its
 * help and type, then its samples. Names carry units, in base units (seconds, bytes), as the naming guide asks.
 */

export interface Sample {
  readonly labels?: { readonly [name: string]: string }
  /** NaN and the infinities are told as the format has them. */
  readonly value: number
}

export interface Family {
  /** `vanta_feed_silence_seconds`; a counter's ends with `_total`. */
  readonly name: string
  readonly type: 'gauge' | 'counter'
  /** One sentence. */
  readonly help: string
  readonly samples: readonly Sample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/, LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** The whole text; families without samples are left out. Throws RangeError on a name that is none, or that is told twice. */
export function exposition(families: readonly Family[]): string {
  const told = new Set<string>()
  return families.filter(({ samples }) => samples.length > 0).map((family) => {
    if (!NAME.test(family.name) || told.has(family.name)) throw new RangeError(`not the name of a metric, or told before: ${family.name}`)
    told.add(family.name)
    return textOf(family)
  }).join('')
}

function textOf({ name, type, help, samples }: Family): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n${samples.map((sample) => `${name}${labelsOf(sample)} ${valueOf(sample.value)}\n`).join('')}`
}

function labelsOf({ labels = {} }: Sample): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (!LABEL.test(name) || name.startsWith('__')) throw new RangeError(`not the name of a label: ${name}`)
    return `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const valueOf = (value: number): string => (Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf')
