// What a release is made of, with the SHA-256 of every file: what `vanta install` lays down. The format is that of lib/domain/node/release.ts.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDERS = ['bin', 'dist', 'models', 'pipelines']
/** Of packages, what only people and compilers read, and what is for other machines. */
const LEFT_OUT = /\.(map|md|markdown|[cm]?ts)$/i
const NATIVE = /\/bin\/napi-v\d+\/(?<platform>\w+)\/(?<arch>\w+)\//
const LIST = 'dist/release.list'

function filesBelow(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const below = join(path, entry.name)
    return entry.isDirectory() ? filesBelow(below) : entry.isFile() ? [below] : []
  })
}

/** Packages that bundles load as they run, and all that these need; where npm put one of them is npm's choice. */
function packageFolders(names) {
  const found = new Set(), open = names.map((name) => ['node_modules', name])
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [from, name] = next
    const folder = [join(from, name), join('node_modules', name)].find((path) => existsSync(join(path, 'package.json')))
    if (folder === undefined || found.has(folder)) continue
    found.add(folder)
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    open.push(...Object.keys({ ...dependencies, ...optionalDependencies }).map((needed) => [join(folder, 'node_modules'), needed]))
  }
  return [...found]
}

const isForThisMachine = (path) => {
  const { platform, arch } = NATIVE.exec(path)?.groups ?? {}
  return platform === undefined || (platform === process.platform && arch === process.arch)
}

export function writeReleaseList(externals) {
  const names = externals.map((name) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/'))
  const packages = packageFolders(names).flatMap(filesBelow).filter((path) => !LEFT_OUT.test(path) && isForThisMachine(path))
  const files = [...new Set(['package.json', ...FOLDERS.flatMap(filesBelow), ...packages])].filter((path) => path !== LIST).sort()
  writeFileSync(LIST, files.map((path) => {
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
    return `${sha256} ${(statSync(path).mode & 0o111) === 0 ? '-' : 'x'} ${path}\n`
  }).join(''))
}
