/** The port to venues; its words are the domain's, because the executor (`#domain/executor`) is written in them. */
export type {
  Account, Activity, ActivityType, Booked, Broker, BrokerOrder, BrokerTerms, Cancelling, Embedded, Look, NewFills, OrderLeg, Outcome, PaperTerms,
  Quote, RehearsedRequest, TimeInForce, Told, VenueFill, VenueOrder, VenueRules, VenueTerms,
} from '#domain/execute/broker'
