/**
 * Tradier's history of an account (GET /v1/accounts/{id}/history, https://documentation.tradier.com), read into activities. It is made by night, its
 * events have no names, and executions are among them: of those only the commission is told nowhere else.
 */
import { listedSubject } from '#domain/execute/instrument'
import type { Activity, ActivityType } from '#port/broker'
import { parseMoment } from '#record'
import { centsAt, fixedAt, isField, textAt, textIn, Unreadable, type Field } from '../venue/json.ts'

const TYPES: Readonly<Record<string, ActivityType>> = {
  dividend: 'dividend', fee: 'fee', interest: 'interest', ach: 'capital', wire: 'capital', check: 'capital', transfer: 'capital', journal: 'capital',
}

/** All of a list: events that say the same are told apart by their number among those. Throws Unreadable. */
export function readHistory(events: readonly Field[]): readonly Activity[] {
  const seen = new Map<string, number>()
  return events.flatMap((event) => {
    const { activityId: said, ...activity } = readEvent(event)
    const number = (seen.get(said) ?? 0) + 1
    seen.set(said, number)
    return activity.cents === 0n && activity.quantity === 0n ? [] : [{ ...activity, activityId: `${said}#${number}` }]
  })
}

function readEvent(event: Field): Activity {
  const name = textAt(event, 'type'), day = textAt(event, 'date').slice(0, 10)
  if (parseMoment(day) === undefined) throw new Unreadable(`"${day}" is no day`)
  const inner = event[name], more = isField(inner) ? inner : {}
  const symbol = textIn(more, 'symbol') ?? textIn(event, 'symbol'), subject = symbol === undefined ? {} : { subject: listedSubject(symbol) }
  const description = textIn(more, 'description') ?? textIn(event, 'description')
  const said = [day, name, textIn(event, 'amount'), symbol, textIn(more, 'quantity'), textIn(more, 'price'), description].map((word) => word ?? '').join('|')
  const common = { activityId: said, day, said, ...subject }
  if (name === 'trade') {
    const commission = textIn(more, 'commission') === undefined ? 0n : centsAt({ commission: negated(textAt(more, 'commission')) }, 'commission')
    return { ...common, type: 'fee', cents: commission, quantity: 0n }
  }
  const cents = centsAt(event, 'amount')
  if (name === 'option') {
    const isKnown = symbol !== undefined && subject.subject?.startsWith('option:') === true && textIn(more, 'quantity') !== undefined
    return { ...common, type: isKnown ? 'exercise' : 'other', cents, quantity: isKnown ? fixedAt(more, 'quantity') : 0n }
  }
  return { ...common, type: name === 'tax' && symbol !== undefined ? 'dividend' : TYPES[name] ?? 'other', cents, quantity: 0n }
}

const negated = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`)
