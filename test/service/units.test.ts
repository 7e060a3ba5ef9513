/** The units, judged by systemd itself: what it would refuse or ignore, and how exposed each service is. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { isNetworked } from '#domain/node/job'
import { JOBS } from '#domain/node/jobs'
import { ROLES } from '#domain/node/role'
import { serviceOf, unitsOf } from '#domain/node/units'
import { toolNames } from '../../src/tools.ts'
import { needed } from '../needed.ts'

const skip = needed('systemd-analyze')
const folder = mkdtempSync(join(tmpdir(), 'vanta-units-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** As `vanta install` lays them out, for three nodes on one machine; the commands are there, so that systemd finds them. */
function layOut(bus: 'file' | 'redis'): string {
  const units = join(folder, bus)
  for (const role of ROLES) {
    const home = join(folder, bus, 'homes', role)
    mkdirSync(join(home, 'current', 'bin'), { recursive: true })
    for (const name of toolNames) {
      writeFileSync(join(home, 'current', 'bin', name), '#!/bin/sh\n')
      chmodSync(join(home, 'current', 'bin', name), 0o755)
    }
    for (const [name, text] of unitsOf({ role, home, bus, user: 'daemon' })) {
      mkdirSync(dirname(join(units, name)), { recursive: true })
      writeFileSync(join(units, name), text)
    }
  }
  return units
}

function analyze(units: string, ...words: readonly string[]): { readonly out: string; readonly status: number | null } {
  const env = { ...process.env, SYSTEMD_UNIT_PATH: `${units}:/lib/systemd/system`, SYSTEMD_COLORS: '0', TZ: 'UTC', LC_ALL: 'C' }
  const { stdout, stderr, status } = spawnSync('systemd-analyze', ['--no-pager', ...words], { encoding: 'utf8', env })
  return { out: stdout + stderr, status }
}

for (const bus of ['file', 'redis'] as const) {
  test(`systemd takes every unit, and every line of it (${bus})`, { skip }, () => {
    const units = layOut(bus)
    const names = readdirSync(units).filter((name) => /\.(timer|target)$/.test(name)).concat(JOBS.map(serviceOf), ROLES.map((role) => `vanta-alarm-${role}@x.service`))
    assert.ok(names.length > 2 * ROLES.length + JOBS.length)
    const { out, status } = analyze(units, 'verify', ...names.map((name) => join(units, name)))
    assert.deepEqual({ out: out.split('\n').filter((line) => line.includes('vanta')), status }, { out: [], status: 0 })
  })

  test(`who leaves the machine is exposed by 1.5 of 10 at most, all others by 0.5 (${bus})`, { skip }, (context) => {
    const units = layOut(bus), { out } = analyze(units, 'security', '--offline=true', ...JOBS.map((job) => join(units, serviceOf(job))))
    const scores = new Map([...out.matchAll(/Overall exposure level for (\S+): ([\d.]+)/g)].map(([, name = '', score]) => [name, Number(score)]))
    for (const job of JOBS) {
      const score = scores.get(serviceOf(job)) ?? NaN
      context.diagnostic(`${score.toFixed(1)} ${serviceOf(job)}`)
      assert.ok(score <= (isNetworked(job, bus) ? 1.5 : 0.5), `${serviceOf(job)}: ${score}`)
    }
  })
}
