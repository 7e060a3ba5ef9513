/** ccxt, loaded when an exchange is first asked for, each exchange once: one of its classes takes a fifth of a second. */
import type { Exchange, OpenExchange } from '#port/exchange'
import type { Http } from '#port/outside'

const opened = new WeakMap<Http, Map<string, Promise<Exchange>>>()

export const openExchange: OpenExchange = (id, http) => {
  const own = opened.get(http) ?? new Map<string, Promise<Exchange>>()
  opened.set(http, own)
  let exchange = own.get(id)
  if (exchange === undefined) own.set(id, (exchange = import('./exchange.ts').then(({ openCcxt }) => openCcxt(id, http))))
  return exchange
}
