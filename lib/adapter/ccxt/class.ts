/** One exchange of ccxt by its name: the whole of ccxt takes most of a second to load, a single class a fifth of one. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure } from '#port/failure'

/** Its `exports` hide single files from a plain import. Throws Failure `usage` for a name that is none of ccxt's. */
export async function ccxtClass<T>(id: string): Promise<new (config: object) => T> {
  if (!/^[a-z0-9]{2,30}$/.test(id)) throw new Failure('usage', `no exchange is called "${id}"`)
  const root = dirname(dirname(createRequire(import.meta.url).resolve('ccxt')))
  const address = pathToFileURL(join(root, 'js', 'src', `${id}.js`)).href
  const { default: Type } = (await import(address).catch((error: unknown) => {
    throw new Failure('usage', `ccxt has no exchange "${id}"`, error)
  })) as { readonly default: new (config: object) => T }
  return Type
}

/** Its errors say what they are of by their classes. */
export function classesOf(error: Error): readonly string[] {
  const names: string[] = []
  for (let type: unknown = error.constructor; typeof type === 'function' && type !== Error; type = Object.getPrototypeOf(type)) names.push(type.name)
  return names
}
