/** The secrets that this process has read: nothing that it says on stderr, in a log or in the detail of a record holds one of them. */
import { Redaction } from '#domain/secrets/redaction'
import type { Archive } from '#port/outside'

export const redaction = new Redaction()

/** Payloads are kept as they came, but for our own secrets, which services repeat in what they say of a wrong request. */
export const withoutSecrets = (archive: Archive): Archive => ({ ...archive, keep: (bytes, about) => archive.keep(redaction.ofBytes(bytes), about) })
