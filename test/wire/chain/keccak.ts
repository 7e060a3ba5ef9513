/** Keccak-256 as Ethereum has it (the padding of before FIPS 202), written from the specification for the tests alone. */
const MASK = (1n << 64n) - 1n
const rotate = (lane: bigint, by: number): bigint => (by === 0 ? lane : ((lane << BigInt(by)) | (lane >> BigInt(64 - by))) & MASK)

/** Round constants by the linear feedback shift register of the specification. */
function constants(): bigint[] {
  let register = 1
  const next = (): number => {
    const bit = register & 1
    register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1
    return bit
  }
  return Array.from({ length: 24 }, () => {
    let constant = 0n
    for (let j = 0; j < 7; j++) if (next() === 1) constant |= 1n << BigInt((1 << j) - 1)
    return constant
  })
}
const ROUNDS = constants()

function permute(lanes: bigint[]): void {
  const at = (x: number, y: number): number => (x % 5) + 5 * (y % 5)
  for (const constant of ROUNDS) {
    const columns = [0, 1, 2, 3, 4].map((x) => [0, 1, 2, 3, 4].reduce((sum, y) => sum ^ (lanes[at(x, y)] ?? 0n), 0n))
    for (let i = 0; i < 25; i++) lanes[i] = (lanes[i] ?? 0n) ^ (columns[(i + 4) % 5] ?? 0n) ^ rotate(columns[(i + 1) % 5] ?? 0n, 1)
    let [x, y] = [1, 0]
    let current = lanes[at(x, y)] ?? 0n
    for (let step = 0; step < 24; step++) {
      [x, y] = [y, (2 * x + 3 * y) % 5]
      const moved = rotate(current, (((step + 1) * (step + 2)) / 2) % 64)
      current = lanes[at(x, y)] ?? 0n
      lanes[at(x, y)] = moved
    }
    for (let row = 0; row < 25; row += 5) {
      const old = lanes.slice(row, row + 5)
      for (let i = 0; i < 5; i++) lanes[row + i] = (old[i] ?? 0n) ^ (~(old[(i + 1) % 5] ?? 0n) & MASK & (old[(i + 2) % 5] ?? 0n))
    }
    lanes[0] = (lanes[0] ?? 0n) ^ constant
  }
}

const RATE = 136

export function keccak256(text: string): string {
  const message = Buffer.from(text)
  const padded = Buffer.alloc(Math.ceil((message.length + 1) / RATE) * RATE)
  message.copy(padded)
  padded[message.length] = 1
  padded[padded.length - 1] = (padded.at(-1) ?? 0) | 0x80
  const lanes: bigint[] = new Array<bigint>(25).fill(0n)
  for (let from = 0; from < padded.length; from += RATE) {
    for (let i = 0; i < RATE / 8; i++) lanes[i] = (lanes[i] ?? 0n) ^ padded.readBigUInt64LE(from + 8 * i)
    permute(lanes)
  }
  const out = Buffer.alloc(32)
  for (let i = 0; i < 4; i++) out.writeBigUInt64LE(lanes[i] ?? 0n, 8 * i)
  return `0x${out.toString('hex')}`
}
