import { formatInstant, make, type Json } from '#record'
import { command, Failure } from '#tool'
import { sealed } from '#domain/vault/seal'
import { BOOK, readBookCaps, VAULT_FILE } from '#domain/vault/vault'

const HISTORY = 'vaults.ndjson'

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
  act({ position, gross, net, off }, _, world, emit) {
    const stored = world.store.read(VAULT_FILE)
    const before = readBookCaps(stored?.memory)
    if (typeof before === 'string') throw new Failure('config', `memory/${VAULT_FILE}: ${before}`)
    const given = { position, gross, net }
    const isAsked = off || Object.values(given).some((value) => value !== undefined)
    const standing = (stored?.memory['book'] ?? {}) as { readonly [field: string]: Json }
    if (!isAsked) {
      if (before === undefined) return 'negative'
      world.print(JSON.stringify(standing))
      return 'done'
    }
    const { seal, ...caps } = standing
    const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const entry = { position: '1.00', gross: '1.00', net: '1.00', ...caps, ...changes }
    const fault = readBookCaps({ book: entry })
    if (typeof fault === 'string') throw new Failure('usage', fault)
    const now = formatInstant(world.clock.now())
    if (!world.keys.has(BOOK)) world.keys.create(BOOK, now)
    const signed = off ? null : sealed(BOOK, { ...entry, ...(seal !== undefined && { seal }) }, (text) => world.keys.sign(BOOK, text))
    const facts = { caps: off ? null : entry, ...(signed !== null && { seal: signed['seal'] ?? null }) }
    const record = make('control', { at: now, known_at: now, source: 'vault/book', by: world.by, type: 'book_caps', facts })
    const journal = world.journal(HISTORY)
    journal.append(JSON.stringify(record))
    journal.sync()
    world.store.write(VAULT_FILE, { vaults: {}, ...stored?.memory, book: signed }, stored?.version ?? 0)
    emit(record)
    return 'done'
  },
})
