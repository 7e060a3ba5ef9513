import { command, Failure } from '#tool'
import { createBundle } from './packing.ts'
import { SPAN } from './selecting.ts'
import { orderOf, spanOf } from './sought.ts'

export default command({
  name: 'vanta-audit bundle',
  summary: 'Everything there is to one order, or to a vault or span of time, in one archive that is verified without Vanta.',
  about: [
    'Of an order: what it was made from, up to the payloads that were heard, and what came of it. Of a vault or a span: its records and what',
    'they were made from. With them the settings that the tools had read, versions with signatures, a proof for each record under the signed',
    'checkpoint (the log is signed first, where it was not since), a page for people, checksums, and a README with the procedure: sha256sum and',
    'Python 3 are all it needs. The same log and checkpoint give the same bytes.',
  ].join(' '),
  options: {
    order: { kind: 'text', help: 'the order: its client order id, or the id of one of its states or fills; the beginning will do' },
    vault: { kind: 'list', help: 'the records of these vaults' },
    ...SPAN,
    output: { kind: 'path', required: true, help: 'the archive: NAME.tar.zst, NAME.tar.gz or NAME.tar' },
  },
  examples: [{ run: 'vanta-audit bundle --order 3f2a9c -o /tmp/order.tar.zst --home /nowhere', note: 'there is no such order', status: 1 }],
  act({ order, vault, from, to, output }, _operands, world) {
    const isSpan = vault !== undefined || from !== undefined || to !== undefined
    if (isSpan === (order !== undefined)) throw new Failure('usage', 'expected --order, or some of --vault, --from and --to')
    return createBundle(output, order === undefined ? spanOf({ vault, from, to }, world) : orderOf(order, world), world)
  },
})
