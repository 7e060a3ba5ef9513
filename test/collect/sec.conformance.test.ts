/** EDGAR as a local stand-in: two forms' feeds over two pages, the filings behind them, and the HTML page that comes past the end. */
import { conforms } from './conformance.ts'
import { coverXml, feedEntry, feedXml, holdingsXml, ownershipXml, submissionText } from '../wire/filings.ts'

const FORM4 = '0000000007-21-000001', AMENDED = '0000000007-21-000002', HELD = '0000000099-21-000003'
const atom = { 'content-type': 'application/atom+xml' }
const PAST_END = '<!DOCTYPE html><html><head><title>SEC.gov | File Unavailable</title></head></html>'

const pages: { readonly [query: string]: string } = {
  'type=4 start=0': feedXml(
    feedEntry('4', AMENDED, 'Doe (0000000008) (Reporting)', '2021-01-15T18:03:00-05:00'),
    feedEntry('424B2', '0000000043-21-000009', 'Bank (0000000043) (Filer)', '2021-01-15T18:02:50-05:00'),
    feedEntry('4', FORM4, 'Doe (0000000007) (Reporting)'),
  ),
  'type=4 start=100': feedXml(
    feedEntry('4', FORM4, 'Example Co (0000000042) (Issuer)'),
    feedEntry('424B2', '0000000043-21-000008', 'Bank (0000000043) (Filer)', '2021-01-15T17:02:50-05:00'),
  ),
  'type=13F start=0': feedXml(feedEntry('13F-HR', HELD, 'Example Fund (0000000099) (Filer)', '2021-02-12T10:06:42-05:00')),
}
const filing = (accession: string, ...documents: readonly (readonly [string, string])[]): { body: string } =>
  ({ body: submissionText(documents).replaceAll('0000000042-21-000001', accession) })

conforms({
  tool: 'vanta-sec',
  words: ['--forms', '4,13F'],
  atLeast: 7,
  routes: {
    '/cgi-bin/browse-edgar': ({ url }) => {
      const query = new URL(url, 'http://x').searchParams
      const body = pages[`type=${query.get('type') ?? ''} start=${query.get('start') ?? ''}`]
      return body === undefined ? { body: PAST_END, headers: { 'content-type': 'text/html' } } : { body, headers: { ...atom, etag: `"${body.length}"` } }
    },
    [`/Archives/edgar/data/7/000000000721000001/${FORM4}.txt`]: filing(FORM4, ['4', ownershipXml()]),
    [`/Archives/edgar/data/8/000000000721000002/${AMENDED}.txt`]:
      filing(AMENDED, ['4/A', ownershipXml({ form: '4/A', owners: ['0000000008'], extra: '<dateOfOriginalSubmission>2021-01-14</dateOfOriginalSubmission>' })]),
    [`/Archives/edgar/data/99/000000009921000003/${HELD}.txt`]: filing(HELD, ['13F-HR', coverXml()], ['INFORMATION TABLE', holdingsXml()]),
  },
  conditional: true,
})
