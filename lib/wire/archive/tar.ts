/**
 * Tape archives in the ustar form (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html), with nothing in them that differs from
 * run to run.
 */

const BLOCK = 512
const NAME_BYTES = 100
/** 11 octal digits. */
const MOST_BYTES = 8 * 1024 ** 3 - 1

const PLAIN_MODE = 0o644

/** 1 to 100 printable ASCII characters that do not lead out of the archive. */
export const isArchiveName = (name: string): boolean =>
  /^[!-~]+$/.test(name) && name.length <= NAME_BYTES && !name.startsWith('/') && !name.split('/').includes('..')

/** One file: header, content, and padding to whole blocks. Throws RangeError on a name that is none for an archive. */
export const tarFile = (name: string, content: Uint8Array, mtimeSeconds: number): Buffer =>
  Buffer.concat([tarHeader(name, content.length, mtimeSeconds), content, tarPadding(content.length)])

/** What goes before the content of a file of so many bytes. */
export function tarHeader(name: string, bytes: number, mtimeSeconds: number, mode = PLAIN_MODE): Buffer {
  if (!isArchiveName(name)) throw new RangeError(`no name for an archive: ${name}`)
  if (bytes > MOST_BYTES) throw new RangeError(`${name}: too large for an archive`)
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, 'latin1')
  field(header, 100, 8, mode)
  field(header, 108, 8, 0)
  field(header, 116, 8, 0)
  field(header, 124, 12, bytes)
  field(header, 136, 12, Math.max(0, mtimeSeconds))
  header.write('        0', 148, 'latin1')
  header.write('ustar\u000000', 257, 'latin1')
  header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1')
  return header
}

/** What goes after the content of a file of so many bytes. */
export const tarPadding = (bytes: number): Buffer => Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK)

/** What an archive ends with. */
export const tarEnd = (): Buffer => Buffer.alloc(BLOCK * 2)

const field = (header: Buffer, at: number, width: number, value: number): void =>
  void header.write(`${value.toString(8).padStart(width - 1, '0')}\u0000`, at, 'latin1')
