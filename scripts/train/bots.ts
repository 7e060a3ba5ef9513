/**
 * Learn models/bots.json from a table of labelled accounts: `node --import tsx scripts/train/bots.ts` (default: $VANTA_SHARED/data/bench/bots).
 * Deterministic: the same table gives the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { sha256Of } from '#record/sha256'
import { crossJudged, learnAccounts, readAccounts } from './bots_model.ts'
import { accuracyOf, areaUnderCurve, brierOf, calibrationError } from '#domain/learn/scores'

const here = dirname(fileURLToPath(import.meta.url))
const file = process.argv[2] ?? join(process.env['VANTA_SHARED'] ?? join(here, '../../../shared'), 'data/bench/bots/twitter_accounts_train.csv.gz')
const bytes = readFileSync(file)
const { table, labels } = readAccounts(file.endsWith('.gz') ? gunzipSync(bytes) : bytes, file)
const learned = learnAccounts(table, labels)
const text = `${JSON.stringify(learned)}\n`
const said = crossJudged(table, labels)
writeFileSync(join(here, '../../models/bots.json'), text)
writeFileSync(join(here, '../../models/bots.card.json'), `${JSON.stringify({
  what: 'whether an account is run by a program; read by lib/domain/swarm/accounts.ts',
  made_by: 'node --import tsx scripts/train/bots.ts',
  learned_from: { source: 'labelled Twitter accounts (profiles only, no text), captured about 2017', rows: labels.length, bots: labels.filter((label) => label === 1).length },
  features: table.features,
  judged: {
    split: 'five fifths of the rows, each judged by a model of the other four', rows: labels.length, auc: areaUnderCurve(said, labels),
    accuracy: accuracyOf(said.map((p) => (p >= 0.5 ? 1 : 0)), labels), brier: brierOf(said, labels), calibration_error: calibrationError(said, labels),
  },
  seed: 'none: no chance is involved',
  sha256: sha256Of(text),
  caveat: 'Profiles of one capture of one service: elsewhere it says less than it seems to.',
}, undefined, 2)}\n`)
