/** The port to the logs of a home; its words are the domain's, because the audit log is written in them. */
export type { Logs, Tape } from '#domain/audit/logs'
