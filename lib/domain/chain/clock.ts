/** The clocks of Ethereum: which block could stand at which time, and when a slot or an epoch of the beacon chain begins. */
import { DAY_MS, SECOND_MS, type Millis } from '#record'

/** Block 0, and the first block of proof of stake, which comes in slots of 12 s that may stay empty. */
const GENESIS_MS = 1_438_269_973 * SECOND_MS
const MERGE = { number: 15_537_394n, ms: 1_663_224_179 * SECOND_MS }
const SLOT_MS = 12 * SECOND_MS
/** Proof of work took 12.4 to 17 s a block on average from the beginning, at every height. */
const FASTEST_MS = 12 * SECOND_MS, SLOWEST_MS = 18 * SECOND_MS
/** Less than 3 slots in 100 stay empty. */
const EMPTY_SLOTS = 1.03

/** Whether block `number` of Ethereum could stand at `ms`: it tells blocks of other chains, which come faster, that do not say whose they are. */
export function fitsEthereum(number: bigint, ms: Millis): boolean {
  const height = Number(number)
  if (number < MERGE.number) {
    return ms <= MERGE.ms && ms >= GENESIS_MS + height * FASTEST_MS && ms <= GENESIS_MS + height * SLOWEST_MS + DAY_MS
  }
  const since = (height - Number(MERGE.number)) * SLOT_MS
  return ms >= MERGE.ms + since && ms <= MERGE.ms + since * EMPTY_SLOTS + DAY_MS
}

/** Whether block `number` of Ethereum could have been known at `ms`. */
export const couldBeEthereumBy = (number: bigint, ms: Millis): boolean =>
  Number(number) <= Number(MERGE.number) + Math.max(0, ms - MERGE.ms) / SLOT_MS + 1

/** Of the beacon chain of Ethereum (https://github.com/ethereum/consensus-specs): its genesis, and 32 slots of 12 s an epoch. */
const BEACON_GENESIS_MS = 1_606_824_023 * SECOND_MS
const SLOTS_PER_EPOCH = 32
/** An epoch that says "never": 2^64 - 1. */
const FAR = 1n << 63n

export function slotMs(slot: bigint): Millis | undefined {
  return slot > 0n && slot < FAR ? BEACON_GENESIS_MS + Number(slot) * SLOT_MS : undefined
}
export function epochMs(epoch: bigint): Millis | undefined {
  return epoch < FAR ? BEACON_GENESIS_MS + Number(epoch) * SLOTS_PER_EPOCH * SLOT_MS : undefined
}
