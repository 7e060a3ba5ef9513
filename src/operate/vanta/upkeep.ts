/** Held by whoever moves, packs or copies the files of a home as a whole: one at a time. */
export const UPKEEP = 'upkeep'
