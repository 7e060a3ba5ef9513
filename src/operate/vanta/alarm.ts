import { formatInstant } from '#record'
import { command, Failure } from '#tool'

/** Shown by `vanta status` like every log of JSON lines. */
const ALARMS = 'alarms.log'
/** Of an error, as pino counts. */
const LEVEL = 50

export default command({
  name: 'vanta alarm',
  summary: 'Log that a unit of systemd has failed; every unit of a node starts it when it fails.',
  about:
    'A line in logs/alarms.log, which `vanta status` shows, and on stderr, which the journal has with the priority of an alert. systemd says why ' +
    'in MONITOR_SERVICE_RESULT and MONITOR_EXIT_STATUS.',
  operands: 'UNIT',
  options: {
    result: { kind: 'text', variable: 'MONITOR_SERVICE_RESULT', help: 'why, as systemd says it: exit-code, timeout, watchdog, oom-kill ...' },
    status: { kind: 'text', variable: 'MONITOR_EXIT_STATUS', help: 'exit status, or the name of the signal' },
  },
  examples: ['vanta alarm vanta-fold@alpha-books --result exit-code --status 65'],
  act({ result, status }, [unit, more], { clock, journal, log }) {
    if (unit === undefined || more !== undefined) throw new Failure('usage', 'which unit? One word')
    const msg = `${unit} has failed${result === undefined ? '' : `: ${result}`}${status === undefined ? '' : ` (${status})`}`
    const alarms = journal(ALARMS)
    alarms.append(JSON.stringify({ level: LEVEL, time: formatInstant(clock.now()), tool: 'vanta alarm', msg }))
    alarms.sync()
    log.error(msg)
  },
})
