/**
 * A node asked for the logs of tokens (https://ethereum.github.io/execution-apis/): blocks deep enough to stand, in ranges as wide as the node
 * bears, each block's time with it. The cursor is the last block whose records have left; where the chain was rebuilt since, it goes back to
 * where the two agree.
 */
import { formatInstant, make, type Json, type Millis, type Signal, type Vanta } from '#record'
import { evmHash, type Chain } from '#domain/chain/address'
import { Failure } from '#port/failure'
import type { Log } from '#port/log'
import type { Answer, Cursor, Http, Secret } from '#port/outside'
import { exactList, exactObject, parseExact, type Exact } from '../json_exact.ts'
import { textOf } from '../text.ts'
import { DEPOSIT_CONTRACT, TOPICS } from './evm_log.ts'
import { TOO_MUCH } from './rpc.ts'
import { integer, momentOf, text, type Row } from './signals.ts'

/** What of the world a stream needs. */
export interface Asking {
  readonly http: Pick<Http, 'get'>
  readonly log: Log
  readonly by: string
  cursor(stream: string): Cursor
  read(answers: readonly Answer[]): AsyncIterable<Vanta>
}

export interface RpcTerms {
  readonly url: string
  readonly secret: Secret | undefined
  readonly chain: Chain
  /** Contracts whose logs are wanted. */
  readonly contracts: readonly string[]
  /** A block is read once so many stand upon it. */
  readonly confirmations: bigint
  /** Blocks of one request, at first. */
  readonly span: bigint
  /** Where the first run begins; undefined for the newest block deep enough. */
  readonly start: bigint | undefined
}

/** Ends of ranges that are remembered, to find where a rebuilt chain and ours agree. */
const REMEMBERED = 64
/** Blocks whose times are asked for in one batch. */
const BATCH = 50
const WATCHED_TOPICS = [
  TOPICS['Transfer(address,address,uint256)'], TOPICS['Deposit(address,uint256)'], TOPICS['Withdrawal(address,uint256)'], TOPICS['Issue(uint256)'],
  TOPICS['Redeem(uint256)'],
  TOPICS['DestroyedBlackFunds(address,uint256)'], TOPICS['DepositEvent(bytes,bytes,bytes,bytes,bytes)'],
]

interface HeardBlock {
  readonly block: Row
  readonly heardMs: Millis
}

interface Orphan {
  readonly mark: Mark
  readonly instead: HeardBlock
}

interface Mark {
  readonly block: bigint
  readonly hash: string
}

export async function* rpcRound(terms: RpcTerms, asking: Asking): AsyncGenerator<Vanta> {
  const node = new Node(terms, asking)
  const cursor = asking.cursor(`rpc/${terms.chain.name}`)
  const id = integer(await node.call('eth_chainId', []))
  if (id !== BigInt(terms.chain.id ?? -1)) throw new Failure('config', `--rpc: the node speaks of chain ${id}, not of ${terms.chain.name}`)
  const head = integer(await node.call('eth_blockNumber', []))
  if (head === undefined) throw new Failure('data', 'the node does not know its newest block')
  const safe = head - terms.confirmations
  let marks = marksOf(cursor.state)
  const agreed = await node.lastAgreed(marks)
  for (const { mark, instead } of agreed.orphans) yield reorg(terms.chain, mark, instead, asking.by)
  const oldest = marks[0]?.block
  marks = agreed.marks
  // Where none of them stands any more, the oldest of them is as far back as is known.
  const last = marks.at(-1)?.block
  let next = last === undefined ? oldest ?? terms.start ?? safe : last + 1n
  for (let span = terms.span; next <= safe;) {
    const end = next + span - 1n < safe ? next + span - 1n : safe
    const answers = await node.range(next, end)
    if (answers === undefined) {
      if (end === next) throw new Failure('upstream', `the node gives too much for block ${next} alone`)
      span = (end - next + 1n) / 2n
      continue
    }
    yield* asking.read(answers.answers)
    marks = [...marks, { block: end, hash: answers.hash }].slice(-REMEMBERED)
    await cursor.save({ marks: marks.map(({ block, hash }) => [block.toString(), hash]) })
    next = end + 1n
    span = span * 2n > terms.span ? terms.span : span * 2n
  }
}

function marksOf(state: Json | undefined): readonly Mark[] {
  const fields = typeof state === 'object' && state !== null && !Array.isArray(state) ? (state as { readonly [name: string]: Json }) : {}
  const { marks } = fields
  return (Array.isArray(marks) ? (marks as readonly Json[]) : []).flatMap((mark) => {
    const [block, hash] = Array.isArray(mark) ? (mark as readonly Json[]) : []
    return typeof block === 'string' && /^\d{1,30}$/.test(block) && typeof hash === 'string' ? [{ block: BigInt(block), hash }] : []
  })
}

/** Said of a block that stands no more: what was told of its hash is taken back. */
function reorg({ name }: Chain, mark: Mark, { block: instead, heardMs }: HeardBlock, by: string): Signal {
  return make('signal', {
    at: formatInstant(Math.min(heardMs, momentOf(instead['timestamp']) ?? heardMs)), known_at: formatInstant(heardMs), source: `${name}/blocks`, by,
    type: 'reorg', key: `${name}:block:${mark.block}`,
    facts: { chain: name, block: mark.block.toString(), block_hash: mark.hash, state: 'removed', instead: evmHash(text(instead['hash'])) },
  })
}

const hex = (number: bigint): string => `0x${number.toString(16)}`

class Node {
  readonly #terms: RpcTerms
  readonly #asking: Asking
  #id = 0

  constructor(terms: RpcTerms, asking: Asking) {
    this.#terms = terms
    this.#asking = asking
  }

  async #post(body: Json): Promise<{ readonly answer: Answer; readonly doc: Exact }> {
    const { url, secret } = this.#terms
    const answer = await this.#asking.http.get({
      url, method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), ...(secret !== undefined && { secret }),
    })
    return { answer, doc: parseExact(textOf(answer.bytes), url) }
  }

  #question(method: string, params: readonly Json[]): Json {
    return { jsonrpc: '2.0', id: ++this.#id, method, params }
  }

  /** The result of one call; a refusal throws. */
  async call(method: string, params: readonly Json[]): Promise<Exact> {
    const { doc } = await this.#post(this.#question(method, params))
    const refusal = refusalOf(doc)
    if (refusal !== undefined) throw refused(method, refusal)
    return exactObject(doc)?.['result'] ?? null
  }

  async block(number: bigint): Promise<HeardBlock> {
    const { answer, doc } = await this.#post(this.#question('eth_getBlockByNumber', [hex(number), false]))
    const refusal = refusalOf(doc)
    if (refusal !== undefined) throw refused('eth_getBlockByNumber', refusal)
    const block = exactObject(exactObject(doc)?.['result'])
    if (block === undefined) throw new Failure('upstream', `the node has no block ${number}`)
    return { block, heardMs: answer.heardMs }
  }

  /** The marks up to the last one that still stands, and those that do not: the blocks there have other hashes now. */
  async lastAgreed(marks: readonly Mark[]): Promise<{ readonly marks: readonly Mark[]; readonly orphans: readonly Orphan[] }> {
    const orphans: Orphan[] = []
    for (let length = marks.length; length > 0; length--) {
      const mark = marks[length - 1]
      if (mark === undefined) break
      const standing = await this.block(mark.block)
      if (evmHash(text(standing.block['hash'])) === mark.hash) return { marks: marks.slice(0, length), orphans }
      this.#asking.log.warn(`${this.#terms.chain.name}: block ${mark.block} was rebuilt`)
      orphans.push({ mark, instead: standing })
    }
    return { marks: [], orphans }
  }

  /** Logs of a range, with the blocks that hold them before them; undefined where the node wants a narrower one. */
  async range(from: bigint, to: bigint): Promise<{ readonly answers: readonly Answer[]; readonly hash: string } | undefined> {
    const { contracts } = this.#terms
    const { answer, doc } = await this.#post(
      this.#question('eth_getLogs', [{ fromBlock: hex(from), toBlock: hex(to), address: contracts, topics: [WATCHED_TOPICS] }]),
    )
    const refusal = refusalOf(doc)
    if (refusal !== undefined && !isBusy(refusal) && TOO_MUCH.test(refusal)) return undefined
    if (refusal !== undefined) throw refused('eth_getLogs', refusal)
    const logs = exactList(exactObject(doc)?.['result'] ?? null)
    if (logs === undefined) throw new Failure('data', `${this.#terms.url}: eth_getLogs gave no list of logs`)
    const untimed = logs.map((log) => exactObject(log) ?? {}).filter((log) => momentOf(log['blockTimestamp']) === undefined)
    const numbers = [...new Set(untimed.flatMap((log) => integer(log['blockNumber']) ?? []))].sort((a, b) => (a < b ? -1 : 1))
    const blocks: Answer[] = []
    for (let at = 0; at < numbers.length; at += BATCH) blocks.push(await this.#blocks(numbers.slice(at, at + BATCH)))
    const { block: last } = await this.block(to)
    return { answers: [...blocks, answer], hash: evmHash(text(last['hash'])) ?? '' }
  }

  async #blocks(numbers: readonly bigint[]): Promise<Answer> {
    const { answer, doc } = await this.#post(numbers.map((number) => this.#question('eth_getBlockByNumber', [hex(number), false])))
    const refusal = refusalOf(doc) ?? (exactList(doc) ?? []).map(refusalOf).find((each) => each !== undefined)
    if (refusal !== undefined) throw refused('eth_getBlockByNumber', refusal)
    const found = (exactList(doc) ?? []).filter((each) => exactObject(exactObject(each)?.['result']) !== undefined)
    if (found.length < numbers.length) throw new Failure('upstream', 'the node does not know the blocks of its logs')
    return answer
  }
}

/** What an answer says of its error; undefined where it has none. */
function refusalOf(doc: Exact): string | undefined {
  const answer = exactObject(doc)
  const error = answer?.['error']
  if (error === undefined || error === null) return undefined
  return text(exactObject(error)?.['message']) ?? text(error) ?? 'unnamed'
}

const isBusy = (refusal: string): boolean => /rate.?limit|too many requests|capacity|throughput|compute units/i.test(refusal)

const refused = (method: string, refusal: string): Failure =>
  new Failure(isBusy(refusal) ? 'again' : 'upstream', `the node refused ${method}: ${refusal.slice(0, 200)}`)

/** Contracts to watch: those named, and on Ethereum the one where validators are paid for. */
export const watched = (chain: Chain, contracts: readonly string[]): readonly string[] =>
  chain.name === 'ethereum' ? [...contracts, DEPOSIT_CONTRACT] : contracts
