import { formatInstant, make, type Json } from '#record'
import { alone, command, Failure, type ActionWorld, type Emit } from '#tool'
import { sealed, settingsOf, sealOf } from '#domain/vault/seal'
import { BOOK, BOOK_OFF, readBookCaps, VAULT_FILE, VAULT_LOG } from '#domain/vault/vault'

export default command({
  name: 'vanta-vault book',
  summary: 'Caps over all vaults together: set and sign them, or show what is in force.',
  about:
    'Fractions of the equity of all vaults. The executor holds them whatever each vault allows, and several allocators at once cannot pass them: BOOK_CAP. ' +
    'They are signed with a key of their own, kept as versions in logs/vaults.ndjson, and stop all trading where they were changed without being signed ' +
    'again. What is not given stays as it is.',
  options: {
    position: { kind: 'decimal', help: 'most in one subject' },
    gross: { kind: 'decimal', help: 'most of longs and shorts together' },
    net: { kind: 'decimal', help: 'most of longs less shorts, either way' },
    off: { kind: 'flag', help: 'no caps over all vaults from now on' },
  },
  examples: [
    'vanta-vault book --position 0.1 --gross 1.5 --net 1 | jq -c .facts.caps',
    { run: 'vanta-vault book --home /tmp/vanta-none', note: 'there are none', status: 1 },
  ],
  act({ position, gross, net, off }, operands, world, emit) {
    if (operands.length > 0) throw new Failure('usage', `expected options only, got "${operands.join(' ')}"`)
    const changes = Object.fromEntries(Object.entries({ position, gross, net }).flatMap(([cap, value]) => (value === undefined ? [] : [[cap, value]])))
    const isChanged = Object.keys(changes).length > 0
    if (off && isChanged) throw new Failure('usage', '--off takes all caps over all vaults away, and goes with no other')
    if (off || isChanged) return alone(world, VAULT_LOG, () => keep(off ? undefined : changes, world, emit))
    const memory = world.store.read(VAULT_FILE)?.memory, caps = readBookCaps(memory)
    if (typeof caps === 'string') throw new Failure('config', `memory/${VAULT_FILE}: ${caps}`)
    if (caps === undefined) return 'negative'
    world.print(JSON.stringify(memory?.['book']))
    return 'done'
  },
})

type Entry = { readonly [field: string]: Json }

/** The caps with these changes, undefined for none at all: signed, kept as a version, and only then in force. */
function keep(changes: Entry | undefined, world: ActionWorld, emit: Emit): 'done' {
  const stored = world.store.read(VAULT_FILE)
  const standing = (stored?.memory['book'] ?? {}) as Entry, seal = sealOf(standing)
  const { off: _off, ...caps } = settingsOf(standing)
  const entry: Entry = changes === undefined ? BOOK_OFF : { position: '1.00', gross: '1.00', net: '1.00', ...caps, ...changes }
  const fault = readBookCaps({ book: entry })
  if (typeof fault === 'string') throw new Failure('usage', fault)
  const now = formatInstant(world.clock.now())
  if (!world.keys.has(BOOK)) world.keys.create(BOOK, now)
  const signed = sealed(BOOK, { ...entry, ...(seal !== undefined && { seal: { ...seal } }) }, (text) => world.keys.sign(BOOK, text))
  const facts = { caps: changes === undefined ? null : entry, seal: signed['seal'] ?? null }
  const record = make('control', { at: now, known_at: now, source: 'vault/book', by: world.by, type: 'book_caps', facts })
  const journal = world.journal(VAULT_LOG)
  journal.append(JSON.stringify(record))
  journal.sync()
  world.store.write(VAULT_FILE, { vaults: {}, ...stored?.memory, book: signed }, stored?.version ?? 0)
  emit(record)
  return 'done'
}
