/** The secrets that this process has read: nothing that it says on stderr, in a log or in the detail of a record holds one of them. */
import { Redaction } from '#domain/secrets/redaction'

export const redaction = new Redaction()
