/** The port to venues; its words are the domain's, because the executor (`#domain/executor`) is written in them. */
export type {
  Account, Broker, BrokerOrder, Cancelling, Embedded, Look, Outcome, PaperTerms, Told, VenueFill, VenueOrder, VenueRules,
} from '#domain/execute/broker'
