/** Whether an account is run by a program, from what its profile says of itself. */
import { logistic } from '#record'
import accounts from '../../../models/bots.json' with { type: 'json' }
import { boostedLogOdds, type Boosted } from '../learn/boosted.ts'

/** What is known of an account; nothing where it is not stated. */
export interface Account {
  readonly followers?: number | undefined
  readonly friends?: number | undefined
  readonly listed?: number | undefined
  readonly favourites?: number | undefined
  readonly statuses?: number | undefined
  readonly verified?: boolean | undefined
  readonly defaultProfile?: boolean | undefined
  readonly defaultImage?: boolean | undefined
  /** Days from its making to the time at which it was looked at. */
  readonly ageDays?: number | undefined
  readonly hasLink?: boolean | undefined
  readonly handleLength?: number | undefined
  readonly handleDigits?: number | undefined
  readonly nameLength?: number | undefined
  readonly descriptionLength?: number | undefined
  readonly saysBot?: boolean | undefined
  readonly placeLength?: number | undefined
}

/** The features of the model, in its order. Counts by their logarithm, since it is the order of magnitude that tells. */
export const ACCOUNT_FEATURES = [
  'followers', 'friends', 'listed', 'favourites', 'statuses', 'verified', 'default_profile', 'default_image', 'age_days', 'has_link', 'handle_length',
  'handle_digits', 'name_length', 'description_length', 'says_bot', 'place_length', 'friends_per_follower', 'statuses_a_day', 'favourites_a_status',
  'listed_per_follower',
] as const

export function accountRow(account: Account): Float64Array {
  const { followers, friends, listed, favourites, statuses, ageDays } = account
  const ratio = (a: number | undefined, b: number | undefined): number => (a === undefined || b === undefined ? NaN : Math.log((a + 1) / (b + 1)))
  const size = (count: number | undefined): number => (count === undefined ? NaN : Math.log(1 + Math.max(0, count)))
  const plain = (value: number | boolean | undefined): number => (value === undefined ? NaN : Number(value))
  return Float64Array.of(
    size(followers), size(friends), size(listed), size(favourites), size(statuses),
    plain(account.verified), plain(account.defaultProfile), plain(account.defaultImage), size(ageDays), plain(account.hasLink),
    plain(account.handleLength), plain(account.handleDigits), plain(account.nameLength), plain(account.descriptionLength), plain(account.saysBot),
    plain(account.placeLength), ratio(friends, followers), ratio(statuses, ageDays), ratio(favourites, statuses), ratio(listed, followers),
  )
}

const model: Boosted = accounts.model
const { slope, intercept } = accounts.calibration

/** Probability that a program runs the account. */
export const botProbability = (account: Account): number => logistic(slope * boostedLogOdds(model, accountRow(account)) + intercept)
