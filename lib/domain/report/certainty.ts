/** How sure the figures are: each with the interval in which resampling finds it, and what is left of the Sharpe ratio after all that was tried. */
import { fieldsIn, listIn, numberIn, textIn, type Fields, type Figures, type Material } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { change, count, counted, decimal, share } from './wording.ts'

interface Shown {
  readonly figure: string
  readonly name: string
  readonly of: string
  readonly text: (value: number) => string
  /** What it must be told from. */
  readonly against?: number
}

const SHOWN: readonly Shown[] = [
  { figure: 'return', name: 'Return', of: 'day', text: (value) => change(value), against: 0 },
  { figure: 'sharpe', name: 'Sharpe ratio of a year', of: 'day', text: (value) => decimal(value, 2), against: 0 },
  { figure: 'max_drawdown', name: 'Largest drawdown', of: 'day', text: (value) => share(value) },
  { figure: 'mean_trade_return', name: 'Mean trade', of: 'trade', text: (value) => change(value), against: 0 },
  { figure: 'win_rate', name: 'Trades that gained', of: 'trade', text: (value) => share(value, 0), against: 0.5 },
  { figure: 'precision_at_5', name: 'Precision@5', of: 'session', text: (value) => share(value, 0) },
]

const READING = 'The dot is the figure, the band where nineteen in twenty resamples of its days, trades or sessions put it; the stroke is what it must ' +
  'be told from. Neighbours are drawn together, so that what hangs together in time stays together.'

export function certaintySection({ summary }: Material, figures: Figures): Markup {
  const rows = listIn(summary.intervals).flatMap((entry) => rowOf(fieldsIn(entry) ?? {}, figures))
  const body = rows.length === 0 ? html`<p class="absent">The record holds no intervals: no back-test has left its summary here.</p>` : html`
    <p class="note">${READING}</p>
    <table class="bands"><tbody>${rows}</tbody></table>`
  return html`<section id="certainty"><h2>How sure is any of it</h2>${body}${trialsOf(summary)}</section>`
}

function rowOf(entry: Fields, figures: Figures): Markup[] {
  const shown = SHOWN.find(({ figure }) => figure === textIn(entry.figure))
  const isPrecision = shown?.figure === 'precision_at_5', n = numberIn(entry.n)
  // Of Precision@5 the wider of two intervals is told, as at the top of the page.
  const low = (isPrecision ? figures.precision?.low : undefined) ?? numberIn(entry.low)
  const high = (isPrecision ? figures.precision?.high : undefined) ?? numberIn(entry.high)
  if (shown === undefined || low === undefined || high === undefined || n === undefined) return []
  const value = valueOf(shown.figure, figures), against = isPrecision ? figures.precision?.baseRate : shown.against
  const known = [low, high, value, against].filter((one) => one !== undefined)
  const from = Math.min(...known), width = Math.max(...known) - from
  const at = (one: number): number => (width > 0 ? Math.round(((one - from) / width) * 1000) / 10 : 50)
  return [html`
    <tr>
    <th scope="row">${shown.name}</th>
    <td class="num">${value === undefined ? '' : shown.text(value)}</td>
    <td class="band"><span class="interval" aria-hidden="true">
      <i class="range" style="left:${at(low)}%;width:${Math.round((at(high) - at(low)) * 10) / 10}%"></i>
      ${against !== undefined && html`<i class="base" style="left:${at(against)}%"></i>`}
      ${value !== undefined && html`<i class="dot" style="left:${at(value)}%"></i>`}
    </span></td>
    <td class="ends">${shown.text(low)} to ${shown.text(high)}</td>
    <td class="of">${counted(n, shown.of)}</td>
    </tr>`]
}

function valueOf(figure: string, figures: Figures): number | undefined {
  switch (figure) {
    case 'return':
      return figures.return
    case 'sharpe':
      return figures.sharpe
    case 'max_drawdown':
      return figures.maxDrawdown
    case 'mean_trade_return':
      return figures.meanTradeReturn
    case 'win_rate':
      return figures.winRate
    default:
      return figures.precision?.value
  }
}

/** From the ratio as it stands to what is left of it. */
function trialsOf(summary: Fields): Markup | undefined {
  const found = fieldsIn(summary.significance), trials = fieldsIn(summary.trials)
  const ratio = numberIn(found?.sharpe_per_day), alone = numberIn(found?.probabilistic_sharpe)
  if (ratio === undefined || alone === undefined) return undefined
  const n = numberIn(trials?.trials), left = numberIn(trials?.deflated_sharpe), luck = numberIn(trials?.expected_largest), days = numberIn(found?.days)
  const record = numberIn(found?.minimum_track_record)
  const moments = `skewness ${decimal(numberIn(found?.skewness), 1)}, kurtosis ${decimal(numberIn(found?.kurtosis), 1)} where a normal one has 3`
  const needed = record === undefined ? 'No number of days like these would show it to be above zero.'
    : `At this rate it takes ${counted(Math.ceil(record), 'day')} to be 95% sure that it is above zero; there are ${count(days)}.`
  const tried = n === undefined ? 'How many trials there were is not known: no registry has counted them.'
    : n === 1 ? 'It is the only trial that the registry of runs knows on these prices: nothing was chosen.'
      : `The registry of runs knows ${counted(n, 'trial')} on these prices, of which the best would show about ${decimal(luck, 3)} without any skill.`
  return html`
    <div class="ladder">
    ${step(decimal(ratio, 3), 'Sharpe ratio of one day', moments)}
    ${step(share(alone), 'probability that it is above zero', needed)}
    ${step(left === undefined ? 'not known' : share(left), 'and above what luck would show', tried)}
    </div>`
}

const step = (value: string, name: string, text: string): Markup =>
  html`<div><b class="value">${value}</b><span>${name}</span><p>${text}</p></div>`
