/** Who may read and write what stands in a home. */
import { ok, warn, wrongSetting, type Finding } from './finding.ts'

export interface Permission {
  /** Within the home: `secrets/bus`. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'other'
  readonly mode: number
  readonly owner: number
}

const OTHERS_READ = 0o077, OTHERS_WRITE = 0o022
const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

/** Secrets are for their owner alone; memory and logs are written by nobody else. */
export function permissionFinding(files: readonly Permission[], user: number | undefined): Finding {
  const wrong = files.flatMap(({ path, kind, mode }) => {
    const isSecret = path === 'secrets' || path.startsWith('secrets/')
    if (isSecret && (mode & OTHERS_READ) !== 0) return [{ path, mode, to: kind === 'folder' ? '700' : '600' }]
    return (mode & OTHERS_WRITE) !== 0 ? [{ path, mode, to: 'go-w' }] : []
  })
  if (wrong.length > 0) {
    const named = wrong.map(({ path, mode }) => `${path} is ${octal(mode)}`)
    return wrongSetting('permissions', named.join(', '), wrong.map(({ path, to }) => `chmod ${to} ${path}`).join('; '))
  }
  const foreign = user === undefined ? [] : files.filter(({ owner }) => owner !== user).map(({ path }) => path)
  if (foreign.length > 0) return warn('permissions', `${foreign.join(', ')}: of another user than runs this`, 'run Vanta as the user who owns the home')
  return ok('permissions', `${files.length} files and folders: secrets for their owner alone, the rest written by nobody else`)
}
