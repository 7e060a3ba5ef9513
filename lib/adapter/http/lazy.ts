/** The HTTP adapter, loaded at the first request: most runs of most tools make none. */
import type { Http, HttpTerms } from '#port/outside'
import type { Around } from './http.ts'

export function lazyHttp(terms: HttpTerms, around: Around): Http {
  let loaded: Promise<Http> | undefined
  const http = (): Promise<Http> => (loaded ??= import('./http.ts').then(({ politeHttp }) => politeHttp(terms, around)))
  return {
    get: async (request) => (await http()).get(request),
    async *stream(request, quietMs) {
      yield* (await http()).stream(request, quietMs)
    },
    async *socket(request, options) {
      yield* (await http()).socket(request, options)
    },
  }
}
