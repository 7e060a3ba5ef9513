/** Probabilities and their log-odds, the one way in which evidence adds up. */
export const logit = (probability: number): number => Math.log(probability / (1 - probability))
export const logistic = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))
