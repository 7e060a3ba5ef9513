/** Engines that learn boosted trees; ours is pure (`ownBoosting`), others are reached through the world. */
export type { Boosting, BoostingAsked } from '#domain/learn/boosting'
