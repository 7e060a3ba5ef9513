/** Which addresses a service may be reached under, and where they stand while an endpoint stands in for it. */
import { Failure } from '#port/failure'

export interface Origins {
  /** The address to ask for one of the service's own. Throws Failure `refused` for any other. */
  wireOf(address: string): URL
  /** The service's address that a redirect leads to. Throws Failure `refused` where it leaves the service. */
  redirected(from: string, location: string): string
}

/** `endpoint` stands in for every origin: its path goes before the path that is asked for. Throws Failure `usage` where it is no address. */
export function originsOf(service: string, origins: readonly string[], endpoint: string | undefined): Origins {
  const own = new Set(origins.map((origin) => new URL(origin).origin))
  const base = endpoint === undefined ? undefined : endpointOf(endpoint)
  const allowed = (url: URL): URL => {
    if (!own.has(url.origin) || url.username !== '' || url.password !== '') {
      throw new Failure('refused', `${service}: ${url.origin}${url.pathname} is no address of this service`)
    }
    return url
  }
  return {
    wireOf(address) {
      const url = allowed(new URL(address))
      return base === undefined ? url : new URL(`${base.pathname.replace(/\/$/, '')}${url.pathname}${url.search}`, base)
    },
    redirected(from, location) {
      const target = parse(location, base === undefined ? from : this.wireOf(from).href)
      if (target === undefined) throw new Failure('refused', `${service}: redirected to what is no address: ${JSON.stringify(location.slice(0, 100))}`)
      if (base !== undefined && target.origin === base.origin) return new URL(`${target.pathname}${target.search}`, from).href
      return allowed(target).href
    },
  }
}

function endpointOf(text: string): URL {
  const url = parse(text)
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new Failure('usage', `--endpoint: expected an address like http://127.0.0.1:8080, got "${text}"`)
}

function parse(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}

/** An endpoint on this machine itself, by number: a name would have to be looked up to know. */
export function isLoopback(endpoint: string | undefined): boolean {
  const host = endpoint === undefined ? undefined : parse(endpoint)?.hostname
  return host !== undefined && (/^127\.\d+\.\d+\.\d+$/.test(host) || host === '[::1]')
}
