/** A contract as it stands, as a signal, and what its volume says against its open interest. */
import { millisOf, type Signal } from '#record'
import { tradingDayBefore } from '../market_day.ts'
import { happened, present } from '../signal.ts'
import type { Contract, Rules, Standing } from './found.ts'

/** What every signal says of its contract. */
export const contractFacts = ({ symbol, expiry, right, strike, multiplier, adjusted }: Contract) =>
  present({ contract: symbol, expiry, right, strike, multiplier, adjusted })

export function standingSignal(standing: Standing, by: string): Signal {
  const { contract, service, subject, atMs, knownMs, bid, ask, volume, openInterest, iv, delta, underlying, isForward, mark, facts } = standing
  return happened({
    atMs, knownMs, source: `${service}/options`, type: 'option_quote', key: `${service}:${contract.symbol}`, subject,
    facts: {
      ...contractFacts(contract), bid, ask, volume, open_interest: openInterest, iv, delta,
      underlying_price: isForward === true ? undefined : underlying, forward: isForward === true ? underlying : undefined, mark, ...facts,
    },
  }, by)
}

/**
 * More contracts in a day than were open at its start, or a multiple of them. The OCC tells open interest once a day, before the session,
 * as of the close before it: `volume_of` and `open_interest_of` are those two days, where the payload lets them be known. Where nothing
 * was open before, there is no ratio.
 */
export function unusualSignal(of: Volume, from: Signal, { unusualVolume, unusualRatio }: Rules, by: string): Signal | undefined {
  const { contract, service, volume, openInterest, volumeDay } = of
  if (volume === undefined || openInterest === undefined || volume < unusualVolume || volume < unusualRatio * openInterest) return undefined
  const ratio = openInterest === 0 ? undefined : Math.round((volume / openInterest) * 1e4) / 1e4
  const { id, at, known_at, source, subject } = from
  return happened({
    atMs: millisOf(at), knownMs: millisOf(known_at), source, parents: [id], type: 'unusual_volume', key: `${service}:${contract.symbol}`,
    subject, magnitude: ratio,
    facts: {
      ...contractFacts(contract), volume, open_interest: openInterest, ratio, volume_of: volumeDay,
      open_interest_of: volumeDay === undefined ? undefined : tradingDayBefore(volumeDay),
    },
  }, by)
}

type Volume = Pick<Standing, 'contract' | 'service' | 'volume' | 'openInterest' | 'volumeDay'>
