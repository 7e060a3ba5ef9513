/** Fitting Prophet, which takes Stan's optimiser. */
export type { Prophet, ProphetFit, ProphetParameters } from '#domain/forecast/prophet'
