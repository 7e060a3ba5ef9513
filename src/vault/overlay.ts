import { formatInstant, type Json } from '#record'
import { alone, command, Failure, verbs, type ActionWorld, type Emit, type Options } from '#tool'
import { ONE, parseFixed } from '#domain/money/decimal'
import { changed, effective, OVERLAY_FILE, type Change } from '#domain/vault/overlay'
import { PERSONAS } from '#domain/conviction/personas'
import { readVault, VAULT_FILE } from '#domain/vault/vault'

const OVERLAY_LOG = 'overlay.ndjson'

const accountable = {
  reason: { kind: 'text', default: 'not said', help: 'why it is changed' },
  who: { kind: 'text', variable: 'USER', default: 'unknown', help: 'who changes it' },
} as const satisfies Options

const named = { vault: { kind: 'text', required: true, help: 'the vault it is for' } } as const satisfies Options

const kill = command({
  name: 'vanta-overlay kill',
  summary: 'Throw the kill switch: no order leaves any more, and the next run of the executor cancels what rests.',
  options: { ...accountable, flatten: { kind: 'flag', help: 'also sell every position' } },
  examples: ['vanta-overlay kill --reason drill', { run: 'vanta-overlay kill --reason drill >/dev/null && vanta-exec </dev/null', status: 77 }],
  act({ reason, who, flatten }, _, world, emit) {
    change(world, emit, { what: flatten ? 'kill and flatten' : 'kill', who, why: reason }, () => ({ kill: true, flatten, reason }))
  },
})

const revive = command({
  name: 'vanta-overlay revive',
  summary: 'Take the kill switch back.',
  options: { reason: { kind: 'text', required: true, help: 'why it is safe again' }, who: accountable.who },
  examples: ['vanta-overlay kill --reason drill >/dev/null && vanta-overlay revive --reason "drill over"'],
  act({ reason, who }, _, world, emit) {
    change(world, emit, { what: 'revive', who, why: reason }, () => ({ kill: false, flatten: false, reason: '' }))
  },
})

const flip = command({
  name: 'vanta-overlay flip',
  summary: 'Let a persona have a slice of a vault for a while; it reverts by itself.',
  options: {
    ...named, ...accountable,
    persona: { kind: 'choice', choices: PERSONAS, required: true, help: 'whose temper' },
    ttl: { kind: 'duration', required: true, help: 'how long' },
    slice: { kind: 'decimal', default: '1', help: 'share of the equity, above 0 and up to 1' },
  },
  examples: ['vanta-vault init core >/dev/null && vanta-overlay flip --vault core --persona ares --ttl 30m --slice 0.1'],
  act({ vault, persona, ttl, slice, reason, who }, _, world, emit) {
    const share = parseFixed(slice)
    if (share === undefined || share <= 0n || share > ONE) throw new Failure('usage', `--slice: expected a share above 0 and up to 1, got "${slice}"`)
    const untilMs = world.clock.now() + ttl
    const flip = { persona, slice, until: formatInstant(untilMs) }
    known(vault, world)
    const what = `flip to ${persona}`
    change(world, emit, { what, who, why: reason, vault, untilMs }, (overlay) => ({ flips: { ...mapIn(overlay, 'flips'), [vault]: flip } }))
  },
})

const revert = command({
  name: 'vanta-overlay revert',
  summary: 'End a flip before its time.',
  options: { ...named, ...accountable },
  examples: ['vanta-vault init core >/dev/null && vanta-overlay revert --vault core'],
  act({ vault, reason, who }, _, world, emit) {
    known(vault, world)
    change(world, emit, { what: 'revert', who, why: reason, vault }, (overlay) => {
      const { [vault]: _gone, ...flips } = mapIn(overlay, 'flips')
      return { flips }
    })
  },
})

const persona = command({
  name: 'vanta-overlay persona',
  summary: 'Give a vault a persona until another is given, or `none`.',
  options: { ...named, ...accountable, persona: { kind: 'choice', choices: [...PERSONAS, 'none'], required: true, help: 'whose temper' } },
  examples: ['vanta-vault init core >/dev/null && vanta-overlay persona --vault core --persona athena'],
  act({ vault, persona: name, reason, who }, _, world, emit) {
    known(vault, world)
    change(world, emit, { what: `persona ${name}`, who, why: reason, vault }, (overlay) => {
      const { [vault]: _before, ...others } = mapIn(overlay, 'personas')
      return { personas: name === 'none' ? others : { ...others, [vault]: name } }
    })
  },
})

/** Switches that stop something: `on` stops it. */
const switchOf = (verb: string, field: string, what: string) => command({
  name: `vanta-overlay ${verb}`,
  summary: `${what}: on or off.`,
  operands: 'on|off',
  options: accountable,
  examples: [`vanta-overlay ${verb} on --reason drill`],
  act({ reason, who }, [word, ...more], world, emit) {
    if ((word !== 'on' && word !== 'off') || more.length > 0) throw new Failure('usage', 'expected on or off')
    change(world, emit, { what: `${verb} ${word}`, who, why: reason }, () => ({ [field]: word === 'on', reason: word === 'on' ? reason : '' }))
  },
})

const show = command({
  name: 'vanta-overlay show',
  summary: 'The overlay as it counts now: what halts, who has which slice and until when.',
  options: {},
  examples: ['vanta-overlay show'],
  act(_, __, world) {
    world.print(JSON.stringify(effective(world.store.read(OVERLAY_FILE)?.memory, world.clock.now())))
  },
})

type Overlay = { readonly [name: string]: Json | undefined } | undefined

/** Written to the log first: an overlay never says what no record does. `fieldsOf` says what becomes of the overlay as it stands by then. */
function change(world: ActionWorld, emit: Emit, wanted: Omit<Change, 'fields'>, fieldsOf: (overlay: Overlay) => Change['fields']): void {
  const record = alone(world, OVERLAY_LOG, () => {
    const stored = world.store.read(OVERLAY_FILE)
    const { overlay, record: made } = changed(stored?.memory, { ...wanted, fields: fieldsOf(stored?.memory) }, world.by, world.clock.now())
    const journal = world.journal(OVERLAY_LOG)
    journal.append(JSON.stringify(made))
    journal.sync()
    world.store.write(OVERLAY_FILE, overlay, stored?.version ?? 0)
    return made
  })
  emit(record)
}

function mapIn(overlay: Overlay, name: string): { readonly [vault: string]: Json } {
  const value = overlay?.[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [vault: string]: Json }) : {}
}

function known(vault: string, world: ActionWorld): void {
  if (readVault(world.store.read(VAULT_FILE)?.memory, vault) === undefined) throw new Failure('config', `no vault '${vault}': run vanta-vault init ${vault}`)
}

export default verbs({
  name: 'vanta-overlay',
  summary: 'Overrule the vaults: kill switch, personas and flips, maintenance; every change a record with who, why, until.',
  verbs: {
    show, kill, revive, flip, revert, persona,
    maintenance: switchOf('maintenance', 'maintenance', 'Maintenance, in which nothing is sent'),
    'orders-disabled': switchOf('orders-disabled', 'orders_disabled', 'Orders disabled'),
    'calls-disabled': switchOf('calls-disabled', 'calls_disabled', 'Calls to outside services by tools that decide (language models) disabled'),
  },
})
