/**
 * Tape archives in the ustar form (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html), with nothing in them that differs from
 * run to run.
 */

const BLOCK = 512
const NAME_BYTES = 100
/** 11 octal digits. */
const MOST_BYTES = 8 * 1024 ** 3 - 1

/**
 * One file: header, content, and padding to whole blocks. Throws RangeError on a name that is not of 1 to 100 printable ASCII characters, or
 * leads out of the archive.
 */
export function tarFile(name: string, content: Uint8Array, mtimeSeconds: number): Buffer {
  const isName = /^[!-~]+$/.test(name) && name.length <= NAME_BYTES && !name.startsWith('/') && !name.split('/').includes('..')
  if (!isName) throw new RangeError(`no name for an archive: ${name}`)
  if (content.length > MOST_BYTES) throw new RangeError(`${name}: too large for an archive`)
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, 'latin1')
  field(header, 100, 8, 0o644)
  field(header, 108, 8, 0)
  field(header, 116, 8, 0)
  field(header, 124, 12, content.length)
  field(header, 136, 12, Math.max(0, mtimeSeconds))
  header.write('        0', 148, 'latin1')
  header.write('ustar\u000000', 257, 'latin1')
  header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1')
  return Buffer.concat([header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)])
}

/** What an archive ends with. */
export const tarEnd = (): Buffer => Buffer.alloc(BLOCK * 2)

const field = (header: Buffer, at: number, width: number, value: number): void =>
  void header.write(`${value.toString(8).padStart(width - 1, '0')}\u0000`, at, 'latin1')
