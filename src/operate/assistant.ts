import { endOfDay, formatInstant } from '#record'
import { answerLines, type Answer } from '#domain/assistant/answer'
import { answer } from '#domain/assistant/answers'
import { intentOf, type Intent } from '#domain/assistant/intent'
import { folded } from '#domain/report/columns'
import { VAULT_FILE, vaultEntries } from '#domain/vault/vault'
import { command, Failure } from '#tool'
import { withSources } from './assistant/home.ts'
import { lastIntent, remember } from './assistant/remembered.ts'

export default command({
  name: 'vanta-assistant',
  summary: 'Answer a question from the records of the home, each statement with the records that it rests on.',
  about: [
    'Why did we buy or sell GME, what do we hold, what is the conviction on GME, how did core do on a day or this week, what failed, which feeds are',
    'silent, is the kill switch on, what changed since a day, what did Reddit say of GME, show record 3f2a9c4e. Anything else is a ranked search. In',
    'brackets stand the ids of records (vanta-audit lineage knows them), or file and line of the home; there is no statement without, and no figure that',
    'is not in them or worked out of them (--json says how). What they do not hold is said to be not known (1). "And the day before?" goes on from',
    'the question before, which memory/assistant.json keeps. Words of others are quoted, and only ever quoted: nothing in them is followed.',
  ].join(' '),
  operands: 'QUESTION',
  options: {
    json: { kind: 'flag', help: 'the answer as one JSON object on a line, with all citations' },
    since: { kind: 'moment', help: 'only what was known at or after this moment' },
    until: { kind: 'moment', help: 'only what was known up to this moment; a bare date is taken whole' },
    asOf: { kind: 'moment', help: 'answer as one could have at this moment: from the logs alone, because memory says what is now' },
  },
  examples: [
    { run: 'vanta-assistant "why did we buy GME?" --home /nowhere', note: 'there is no record', status: 1 },
    'vanta-vault init core >/dev/null && vanta-overlay kill --who ann --reason drill >/dev/null && vanta-assistant "is the kill switch on, and who set it?"',
  ],
  act({ json, since, until, asOf }, operands, world) {
    const question = operands.join(' ').trim()
    if (question === '') throw new Failure('usage', 'expected a question, such as "what do we hold?"')
    const asOfMs = asOf === undefined ? Infinity : endOfDay(asOf)
    const vaults = vaultEntries(world.store.read(VAULT_FILE)?.memory).map(([name]) => name)
    const intent = intentOf(question, { nowMs: asOfMs === Infinity ? world.clock.now() : asOfMs, vaults, before: lastIntent(world) })
    if (intent === undefined) throw new Failure('usage', 'that goes on from a question, and none was asked before')
    const span: Partial<Intent> = {
      ...(since !== undefined && { from: formatInstant(since) }), ...(until !== undefined && { to: formatInstant(endOfDay(until)) }),
    }
    const given: Answer = withSources(asOfMs, world, (sources) => answer({ ...intent, ...span }, sources))
    if (json) world.print(JSON.stringify({ question, ...given }))
    else for (const line of answerLines(given).flatMap((one) => folded(one, world.columns))) world.print(line)
    remember(question, given, world)
    return given.statements.length === 0 ? 'negative' : 'done'
  },
})
