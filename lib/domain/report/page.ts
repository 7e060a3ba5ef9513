/** A run as one HTML page that needs nothing else: no font, image, style or script from outside, and none can be let in. */
import { createHash } from 'node:crypto'
import { calibrationSection } from './calibration.ts'
import { certaintySection } from './certainty.ts'
import { closingNote, refusalsSection, verifySection } from './closing.ts'
import { costsSection } from './costs.ts'
import { curveSection } from './curve.ts'
import { figuresOf, openWorths, type Figures, type Material } from './figures.ts'
import { heatmapSection } from './heatmap.ts'
import { headlineSection, spanOf, TITLE } from './headline.ts'
import { html, verbatim, type Markup } from './markup.ts'
import { SCRIPT } from './script.ts'
import { sentencesOf, type Sentences } from './sentences.ts'
import { sourcesSection } from './sources.ts'
import { STYLE } from './style.ts'
import { tradesSection } from './trade_list.ts'
import { tripsOf } from './trips.ts'

export interface ReportOptions {
  /** Undefined: named after the span. */
  readonly title: string | undefined
  /** Trades told in full. */
  readonly topTrades: number
}

export interface Report {
  readonly page: string
  readonly figures: Figures
  readonly sentences: Sentences
}

/** The same material gives the same bytes. */
export function reportOf(material: Material, { title: given, topTrades }: ReportOptions): Report {
  const { gathered } = material
  const trips = tripsOf(gathered.fills)
  const figures = figuresOf(material, trips)
  const sentences = sentencesOf(material, figures, trips)
  const title = given ?? TITLE
  const span = spanOf(figures)
  const body = html`
${headlineSection(title, gathered.world, figures, sentences)}
${NAV}
<main>
${curveSection(figures)}
${certaintySection(material, figures)}
${calibrationSection(material, figures)}
${heatmapSection(gathered)}
${tradesSection(trips, gathered, openWorths(material, trips), topTrades)}
${sourcesSection(material, trips, figures.currency)}
${costsSection(material, figures.currency)}
${refusalsSection(gathered)}
${verifySection(material, trips)}
</main>
${closingNote}`
  const page = pageOf(given ?? (span === undefined ? title : `${title}: ${span}`), body).text
  return { page: `${page}\n`, figures, sentences }
}

const NAV = html`
  <nav aria-label="Contents">
    <a href="#curve">Day by day</a>
    <a href="#certainty">How sure</a>
    <a href="#calibration">Calibration</a>
    <a href="#convictions">Convictions</a>
    <a href="#trades">Trades, and why</a>
    <a href="#sources">Where the money came from</a>
    <a href="#costs">Costs and leaks</a>
    <a href="#refusals">Declined</a>
    <a href="#verify">Check it</a>
  </nav>`

/** Only the script that is on the page may run, even where a record should ever become markup. */
const SCRIPT_HASH = createHash('sha256').update(SCRIPT).digest('base64')
const POLICY = [
  "default-src 'none'", "style-src 'unsafe-inline'", `script-src 'sha256-${SCRIPT_HASH}'`,
  "base-uri 'none'", "form-action 'none'",
].join('; ')

function pageOf(title: string, body: Markup): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${verbatim(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="vanta-summary">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${verbatim(STYLE)}</style>
</head>
<body>${body}
<script>${verbatim(SCRIPT)}</script>
</body>
</html>
`
}
