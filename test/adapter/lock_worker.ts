/** Takes a lock again and again, and looks whether anyone else is inside: `lock_worker.ts LOCK ROUNDS`. */
import fs from 'node:fs'
import { nodeDisk } from '#adapter/file/disk'
import { takeLock } from '#adapter/file/lock'

const [lock = '', rounds = '0'] = process.argv.slice(2)
const inside = `${lock}.inside`

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

for (let round = 0; round < Number(rounds); round++) {
  const release = takeLock(nodeDisk, lock, 60_000)
  const found = fs.existsSync(inside) ? Number(fs.readFileSync(inside, 'utf8')) : 0
  if (found > 0 && isAlive(found)) fs.writeFileSync(`${lock}.violated`, `${found} was inside when ${process.pid} came in`)
  fs.writeFileSync(inside, String(process.pid))
  for (let spin = 0; spin < 20_000; spin++) if (spin % 5000 === 0) fs.statSync(inside)
  if (Number(fs.readFileSync(inside, 'utf8')) !== process.pid) fs.writeFileSync(`${lock}.violated`, `someone came in beside ${process.pid}`)
  fs.writeFileSync(inside, '0')
  release()
}
