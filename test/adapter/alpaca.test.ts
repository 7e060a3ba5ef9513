import { brokerSuite, type BrokerRig } from '../port/broker.suite.ts'
import { KEY, startAlpaca } from '../service/venues/alpaca.ts'
import { venueRig } from './venue_rig.ts'

const terms = { name: 'alpaca', currency: 'USD' } as const
const can: BrokerRig['can'] = { limit: true, atOnce: true, burnsIds: true, refusesFunds: true, options: true, legs: true, stops: 'all' }
const moves = { kinds: ['fee', 'dividend', 'interest', 'deposit', 'withdrawal'], corrects: true } as const

brokerSuite('alpaca', async () => venueRig(await startAlpaca(), { terms, secrets: KEY, subject: 'ticker:AAPL', symbol: 'AAPL', hasSessions: true, moves, can }))
brokerSuite('alpaca pairs', async () => venueRig(await startAlpaca(), { terms, secrets: KEY, subject: 'pair:BTC/USD', symbol: 'BTC/USD', hasSessions: false, can: { ...can, stops: 'limited' } }))
