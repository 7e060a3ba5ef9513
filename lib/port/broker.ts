/** The port to venues; its words are the domain's, because the executor (`#domain/executor`) is written in them. */
export type { Account, Broker, BrokerEvent, BrokerOrder, Cancelled, Outcome, PaperTerms } from '#domain/execute/broker'
