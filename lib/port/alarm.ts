/** Wakes whoever waits for moments of a calendar. */

/**
 * Call `ring` at every moment that one of the expressions (crontab(5), five fields, in UTC) names, until the returned function is called. It may
 * ring late, and twice after the clock was set: whoever is woken looks at the time. Throws RangeError on what is no expression.
 */
export type Alarm = (expressions: readonly string[], ring: () => void) => Promise<() => void>
