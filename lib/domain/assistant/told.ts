/** One record in our words; the figures are those of the record, rounded where they are numbers and no money. */
import type { Conviction, Fill, Vanta } from '#record'
import { subjectName } from '../report/wording.ts'
import { by, stated, type Statement } from './answer.ts'
import { wordsOfOthers } from './search.ts'

/** Four decimals; a sign where it leads somewhere. */
export const rounded = (value: number): string => value.toFixed(4)
export const signed = (value: number): string => `${value < 0 ? '' : '+'}${rounded(value)}`

export const fillText = ({ side, quantity, subject, price, currency, vault, fee, at }: Fill): string =>
  `${side === 'buy' ? 'Bought' : 'Sold'} ${quantity} ${subjectName(subject)} at ${price} ${currency} for vault ${vault} at ${at}, fee ${fee}`

export const convictionText = ({ subject, direction, horizon, conviction_score: score, log_odds: logOdds, at }: Conviction): string =>
  `${subjectName(subject)} was expected to go ${direction} over ${horizon}: probability ${rounded(score)}, log-odds ${signed(logOdds)}, said at ${at}`

/** What a record is, in a line. */
export function told(record: Vanta): Statement {
  return stated(textOf(record), by(record), { quote: wordsOfOthers(record) })
}

function textOf(record: Vanta): string {
  switch (record.kind) {
    case 'fill':
      return fillText(record)
    case 'conviction':
      return convictionText(record)
    case 'signal': {
      const of = record.subject ?? record.mentions?.map(({ subject }) => subject).join(', ')
      const leaning = record.polarity === undefined ? '' : `, polarity ${rounded(record.polarity)}`
      return `${record.type} of ${record.source}${of === undefined || of === '' ? '' : ` on ${of}`}${leaning}, known at ${record.known_at}`
    }
    case 'allocation':
      return `Vault ${record.vault} set its target of ${subjectName(record.subject)} to ${record.fraction} of its equity at ${record.at} (${record.reason})`
    case 'order':
      return `Order to ${record.side} ${record.quantity} ${subjectName(record.subject)} for vault ${record.vault}: ${record.state} at ${record.at}`
    case 'refusal':
    case 'warning':
      return `${record.kind === 'refusal' ? 'Refused' : 'Warned'} for vault ${record.vault}, ${subjectName(record.subject)}, at ${record.at}: ${record.code}`
    case 'health':
      return `${record.source}: stream ${record.stream} was ${record.state} at ${record.at}`
    case 'pnl':
      return `Vault ${record.vault} closed ${record.day} with equity ${record.equity} ${record.currency}, cash ${record.cash}, fees ${record.fees}`
    case 'risk': {
      const because = record.because.length === 0 ? '' : `, because of ${record.because.join(', ').replaceAll('_', ' ')}`
      return `System risk was ${record.state} at ${record.at}${because}`
    }
    case 'vault':
      return `Settings of vault ${record.vault}, version ${record.version}, as of ${record.at}`
    case 'price':
      return `${subjectName(record.subject)} ${record.type} was ${record.price} at ${record.at}`
    case 'control':
      return `${record.type} of ${record.source} at ${record.at}`
    default: {
      const on = 'subject' in record && record.subject !== undefined ? ` on ${record.subject}` : ''
      return `${record.kind} of ${record.source}${on}, known at ${record.known_at}`
    }
  }
}
