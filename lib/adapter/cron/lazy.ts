/** The package cron, loaded where somebody waits. */
import type { Alarm } from '#port/alarm'

/** A late ring is a ring: whoever is woken looks at the time. Any two rings are an hour apart at most. */
const LATE_MS = 3_600_000

export const cronAlarm: Alarm = async (expressions, ring) => {
  const { CronJob, validateCronExpression } = await import('cron')
  for (const expression of expressions) {
    const { valid, error } = validateCronExpression(expression)
    if (!valid) throw new RangeError(`not a cron expression: "${expression}"${error === undefined ? '' : ` (${error.message})`}`)
  }
  const jobs = expressions.map((cronTime) => CronJob.from({ cronTime, onTick: ring, start: true, timeZone: 'UTC', threshold: LATE_MS }))
  return () => {
    for (const job of jobs) void job.stop()
  }
}
