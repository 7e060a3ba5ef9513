// Write the units of all nodes, as they stand at the usual place, into systemd/.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROLES } from '#domain/node/role'
import { siteOf, unitsOf } from '#domain/node/units'

rmSync('systemd', { recursive: true, force: true })
for (const role of ROLES) {
  for (const [name, text] of unitsOf(siteOf(role))) {
    mkdirSync(dirname(join('systemd', name)), { recursive: true })
    writeFileSync(join('systemd', name), text)
  }
}
