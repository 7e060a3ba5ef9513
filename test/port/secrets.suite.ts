/** What every keeper of secrets owes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Secrets } from '#port/secrets'
import { failsWith } from './store.suite.ts'

export interface SecretsRig {
  readonly secrets: Secrets
  put(name: string, values: Readonly<Record<string, unknown>>): void
  take(name: string): void
  /** From now on they may not be read. */
  deny(name: string): void
  /** What was remembered for a while is not any more. */
  pass(): void
}

export function secretsSuite(keeper: string, open: () => Promise<SecretsRig>): void {
  test(`${keeper}: what is kept is read as it is, and what is not there is nothing`, async () => {
    const rig = await open(), values = { api_key: 'k=1 "x"', token: 'ü\n\\ {}', empty: '', path: '/etc/ca.pem' }
    rig.put('vanta-fred', values)
    const found = await rig.secrets.read('vanta-fred')
    assert.deepEqual(found?.secrets, values)
    assert.match(found?.place ?? '', /vanta-fred$/)
    assert.equal(await rig.secrets.read('vanta-other'), undefined)
  })

  test(`${keeper}: what was changed or taken away counts when it is asked for again`, async () => {
    const rig = await open()
    rig.put('bus', { redis_password: 'first-password' })
    assert.equal((await rig.secrets.read('bus'))?.secrets['redis_password'], 'first-password')
    rig.put('bus', { redis_password: 'second-password' })
    rig.pass()
    assert.equal((await rig.secrets.read('bus'))?.secrets['redis_password'], 'second-password')
    rig.take('bus')
    rig.pass()
    assert.equal(await rig.secrets.read('bus'), undefined)
  })

  test(`${keeper}: what may not be read, or is no object of strings, is refused, and nothing of it is quoted`, async () => {
    const rig = await open()
    for (const [name, values] of [['number', { key: 12345678 }], ['deep', { key: { inner: 'hunter2-hunter2' } }], ['list', { key: ['hunter2-hunter2'] }]] as const) {
      rig.put(name, values)
      await assert.rejects(rig.secrets.read(name), (error: Error) => failsWith('config', /expected an object of strings/)(error) && !/hunter2|12345678/.test(error.message))
    }
    rig.put('alpaca', { secret: 'hunter2-hunter2' })
    rig.deny('alpaca')
    await assert.rejects(rig.secrets.read('alpaca'), (error: Error) => failsWith('config', /alpaca/)(error) && !error.message.includes('hunter2'))
  })
}
