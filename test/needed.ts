/**
 * Other people's programs that some tests need: a test is skipped with a message where one is absent, unless VANTA_REQUIRE names it
 * (`VANTA_REQUIRE=hledger,bean-check`).
 */
import { spawnSync } from 'node:child_process'

export function needed(program: string): string | undefined {
  const required = (process.env['VANTA_REQUIRE'] ?? '').split(',').includes(program)
  if (required || spawnSync(program, ['--version']).error === undefined) return undefined
  return `${program} is not installed here`
}

/** The same of a module of Python's. */
export function neededModule(module: string): string | undefined {
  const required = (process.env['VANTA_REQUIRE'] ?? '').split(',').includes(module)
  if (required || spawnSync('python3', ['-c', `import ${module}`]).status === 0) return undefined
  return `python3 with ${module} is not installed here`
}
