/** Facts of a signal: what a payload states, and nothing where it states nothing. */

/** Facts by name. */
export type Facts = { readonly [name: string]: unknown }

type Stated<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** An object without its undefined members. */
export function stated<T extends object>(facts: T): Stated<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Stated<T>
}
