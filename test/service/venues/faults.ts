/** What goes wrong with one request that changes something, once, on any local venue. */
import type { Fault } from '../../port/broker.suite.ts'
import type { Asked, Routes, Service } from '../service.ts'

/** The next request for which `isOne` holds goes wrong; what the venue did about it before is as the fault says. */
export function misbehaving(service: Service, fault: Fault, isOne: (asked: Asked) => boolean): void {
  const { routes } = service
  let done = false
  const first = (asked: Asked): boolean => !done && isOne(asked)
  // Not arrived, or turned away at the door.
  const untaken: Routes = fault !== 'lost' && fault !== '500' && fault !== '429' ? routes : {
    '/': (asked, nth) => (first(asked) ? { status: 500 } : ask(routes, asked, nth)),
  }
  service.routes = untaken
  service.misbehave = (asked) => {
    if (!first(asked)) return undefined
    queueMicrotask(() => (done = true))
    switch (fault) {
      case 'lost': case 'hang': return { kind: 'silent' }
      case 'cut': return { kind: 'cut' }
      case '502 after acceptance': return { kind: 'status', status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>Bad Gateway</h1></html>' }
      case '500': return { kind: 'status', status: 500, headers: { 'content-type': 'application/json' }, body: '{"code":50010000,"message":"internal server error"}' }
      case '429': return { kind: 'status', status: 429, headers: { 'content-type': 'application/json' }, body: '{"code":42910000,"message":"rate limit exceeded"}' }
      case 'page': return { kind: 'page' }
      case 'torn': return { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: '{"id":"61e69015-8549-4bfd-b9c3-01' }
      case 'empty': return { kind: 'empty' }
    }
  }
}

function ask(routes: Routes, asked: Asked, nth: number): ReturnType<Extract<Routes[string], (...words: never[]) => unknown>> {
  const route = routes['/']
  if (typeof route !== 'function') throw new Error('a venue is one function')
  return route(asked, nth)
}
