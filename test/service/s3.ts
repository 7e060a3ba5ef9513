/** An S3-compatible server of the test's own: moto's, of PyPI, which heeds conditions. Gone with the test; tests say what they miss where there is none. */
import { spawn, spawnSync } from 'node:child_process'
import { after } from 'node:test'
import { freePort } from './redis.ts'

/** It believes any. */
export const s3Secrets = { access_key_id: 'AKIDEXAMPLE', secret_access_key: 'planted-secret-of-s3' } as const

/** With one bucket, `vanta-test`. */
export async function s3Server(): Promise<{ readonly skip: string | undefined; readonly endpoint: string }> {
  const isThere = (process.env['VANTA_REQUIRE'] ?? '').split(',').includes('moto') || spawnSync('python3', ['-c', 'import moto.server']).status === 0
  const skip = isThere ? undefined : 'moto is not installed here', port = await freePort(), endpoint = `http://127.0.0.1:${port}`
  if (skip !== undefined) return { skip, endpoint }
  const child = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' })
  after(() => void child.kill('SIGKILL'))
  for (let tries = 0; ; tries++) {
    const made = await fetch(`${endpoint}/vanta-test`, { method: 'PUT' }).then(({ ok }) => ok, () => false)
    if (made) return { skip, endpoint }
    if (tries > 600 || child.exitCode !== null) throw new Error('moto does not answer')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
