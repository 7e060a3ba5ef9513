import { brokerSuite, type BrokerRig } from '../port/broker.suite.ts'
import { startTradier, TOKEN } from '../service/venues/tradier.ts'
import { venueRig } from './venue_rig.ts'

const terms = { name: 'tradier', currency: 'USD' } as const
const can: BrokerRig['can'] = { limit: true, atOnce: false, burnsIds: false, refusesFunds: true, options: true, legs: true, stops: 'all' }
const moves = { kinds: ['fee', 'dividend', 'interest', 'deposit', 'withdrawal'], corrects: false } as const

brokerSuite('tradier', async () => venueRig(await startTradier(), { terms, secrets: TOKEN, subject: 'ticker:AAPL', symbol: 'AAPL', hasSessions: true, moves, can }))
