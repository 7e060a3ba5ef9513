import { verbs } from '#tool'
import backfill from './features/backfill.ts'
import compact from './features/compact.ts'
import get from './features/get.ts'
import history from './features/history.ts'
import ingest from './features/ingest.ts'
import list from './features/list.ts'
import materialize from './features/materialize.ts'
import skew from './features/skew.ts'

export default verbs({
  name: 'vanta-features',
  summary: 'Features of what is recorded, said once for training and for serving: kept offline as Parquet, served online, joined as of any moment.',
  verbs: { list, ingest, backfill, materialize, get, history, skew, compact },
})
