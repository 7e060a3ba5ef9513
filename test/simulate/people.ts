/** People at the home: they throw switches, flip tempers, close vaults, move money; by the tools' own verbs, and cut off like any process. */
import type { AnyAct, Verbs } from '#tool'
import type { Random } from '#port/random'
import overlay from '../../src/vault/overlay.ts'
import move from '../../src/vault/vault/move.ts'
import vaultTool from '../../src/vault/vault.ts'
import type { Violation } from './checker.ts'
import { OVERLAY, OVERLAY_LOG, VAULTS_FILE, type Home } from './home.ts'
import type { FaultKind } from './line.ts'
import { VAULTS } from './terms.ts'

const drill = { reason: 'drill', who: 'simulate' }

export class People {
  readonly #home: Home
  readonly #chance: Random
  readonly #now: () => number
  readonly #count: (kind: FaultKind) => void

  constructor(home: Home, chance: Random, now: () => number, count: (kind: FaultKind) => void) {
    this.#home = home
    this.#chance = chance
    this.#now = now
    this.#count = count
  }

  /** Whether nothing may leave, or only what sells because of it; as the file says. */
  get halt(): 'none' | 'all' | 'flatten' {
    let said: { readonly [field: string]: unknown } | undefined
    try {
      said = this.#home.json(OVERLAY)
    } catch {
      return 'all'
    }
    if (said === undefined || said['kill'] !== false) return said?.['kill'] === true && said['flatten'] === true ? 'flatten' : 'all'
    return said['orders_disabled'] === true || said['maintenance'] === true ? 'all' : 'none'
  }

  stateOf(vault: string): string | undefined {
    const { vaults } = this.#home.json(VAULTS_FILE) as { readonly vaults: { readonly [vault: string]: { readonly state: string } } }
    return vaults[vault]?.state
  }

  #act(tool: Verbs, verb: string, options: object, operands: readonly string[] = []): boolean {
    const act: AnyAct | undefined = tool.verbs[verb]
    if (act?.kind !== 'command') throw new Error(`no ${verb}`)
    return this.#home.run(({ world }) => {
      void act.act(options as never, operands, world, () => undefined)
    }, this.#now)
  }

  /** Throws when the power goes in the middle of it: the file may say either. */
  kill(): void {
    if (this.#act(overlay, 'kill', { ...drill, flatten: this.#chance.next() < 0.4 })) this.#count('kill')
  }
  revive(): void {
    this.#act(overlay, 'revive', drill)
  }

  /** Now and then somebody does something. */
  anything(): void {
    const draw = this.#chance.next(), vault = VAULTS[this.#chance.integer(VAULTS.length)] ?? 'core'
    if (draw < 0.06) this.halt === 'none' ? this.kill() : this.revive()
    else if (draw < 0.1) this.#switch('orders-disabled', 'orders_disabled')
    else if (draw < 0.14) this.#switch('maintenance', 'maintenance')
    else if (draw < 0.26) {
      const persona = (['athena', 'apollo', 'ares', 'nemesis'] as const)[this.#chance.integer(4)], ttl = 1000 * (1 + this.#chance.integer(240))
      if (this.#act(overlay, 'flip', { ...drill, vault, persona, ttl, slice: ['1', '0.5', '0.1'][this.#chance.integer(3)] })) this.#count('flip')
    } else if (draw < 0.29) this.#act(overlay, 'revert', { ...drill, vault })
    else if (draw < 0.45) {
      const state = ['active', 'active', 'closing', 'halted'][this.#chance.integer(4)] ?? 'active'
      if (this.#act(vaultTool, 'set', {}, ['idle', `state=${state}`]) && state !== 'active') this.#count('vault disabled')
    }
  }

  /** On where it is off; what is on is mostly off again soon. */
  #switch(verb: string, field: string): void {
    const isOn = this.#home.json(OVERLAY)?.[field] === true
    if (this.#act(overlay, verb, drill, [isOn ? 'off' : 'on']) && !isOn) this.#count('switched off')
  }

  /** Nothing is forbidden any more. */
  allowAll(): void {
    this.revive()
    for (const verb of ['orders-disabled', 'maintenance']) this.#act(overlay, verb, drill, ['off'])
    this.#act(vaultTool, 'set', {}, ['idle', 'state=active'])
  }

  /** While no executor runs. */
  moveMoney(): void {
    const words = this.#chance.next() < 0.6 ? ['core', 'transfer', '12.00'] : ['spare', 'withdraw', '3.00']
    const options = { ...drill, to: words[1] === 'transfer' ? 'spare' : undefined, subject: undefined, quantity: undefined, settles: undefined }
    this.#count('money moved')
    this.#home.run(({ world }) => void move.act(options, words, world, () => undefined), this.#now)
  }

  /** Ids of the records that changed the overlay: what a halted executor sells, it sells by one. */
  changes(): string[] {
    const lines = this.#home.disk.content(OVERLAY_LOG)?.toString('utf8').split('\n').slice(0, -1) ?? []
    return lines.map((line) => (JSON.parse(line) as { readonly id: string }).id)
  }

  /** What the overlay says, a record said before. */
  check(): Violation[] {
    const record = this.#home.json(OVERLAY)?.['record']
    const isTold = record === undefined || (this.#home.disk.durable(OVERLAY_LOG)?.includes(String(record)) ?? false)
    return isTold ? [] : [{ law: 'no change without a record', detail: String(record) }]
  }
}
