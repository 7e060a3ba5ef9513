import { filter } from '#tool'
import { InsiderClusters } from '#domain/resolve/insider_cluster'
import { WalletClusters } from '#domain/resolve/wallet_cluster'

export default filter({
  name: 'vanta-insiders',
  summary: 'Find insiders who trade together, and wallets that act as one.',
  about: [
    'Where several insiders of a company bought (or sold) within the window, an `insider_cluster` of the company is said, and again as it grows:',
    'its magnitude is how many insiders there are beside the first. Insiders who traded in the same month in each of the three years before are',
    'routine and not counted. Wallets that signed one transaction together have one owner (inputs of Bitcoin transactions): a `link` says so, once',
    'for each pair that was not known to be one.',
  ].join(' '),
  options: {
    window: { kind: 'duration', default: '30d', help: 'how far apart trades of one cluster may become known' },
    least: { kind: 'integer', default: '2', help: 'fewest insiders of a cluster' },
  },
  reads: ['signal'],
  examples: [
    'vanta-sec --from samples/season/insider/openinsider_ceo_buys_2020-11_2021-01.csv.gz | vanta-normalize | vanta-insiders --window 90d | tail -1',
  ],
  open({ window, least }, { by }) {
    const insiders = new InsiderClusters({ windowMs: window, least, by })
    const wallets = new WalletClusters(by)
    return {
      each(signal, emit) {
        const cluster = signal.type === 'insider_trade' ? insiders.trade(signal) : undefined
        const links = signal.type === 'transfer' ? wallets.transfer(signal) : []
        emit(signal)
        if (cluster !== undefined) emit(cluster)
        for (const link of links) emit(link)
      },
    }
  },
})
