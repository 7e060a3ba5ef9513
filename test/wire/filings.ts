/** Made-up filings in the wire formats of EDGAR. */

export interface Trade {
  readonly code?: string
  readonly date?: string
  readonly shares?: string
  readonly price?: string
  readonly side?: string
  readonly derivative?: boolean
}

function tradeXml({ code = 'P', date = '2021-01-13', shares = '100.0', price, side = 'A', derivative = false }: Trade): string {
  const name = derivative ? 'derivativeTransaction' : 'nonDerivativeTransaction'
  return `<${name}><securityTitle><value>Common</value></securityTitle><transactionDate><value>${date}</value></transactionDate>
<transactionCoding><transactionFormType>4</transactionFormType><transactionCode>${code}</transactionCode></transactionCoding>
<transactionAmounts><transactionShares><value>${shares}</value></transactionShares><transactionPricePerShare>${
    price === undefined ? '<footnoteId id="F1"/>' : `<value>${price}</value>`}</transactionPricePerShare>
<transactionAcquiredDisposedCode><value>${side}</value></transactionAcquiredDisposedCode></transactionAmounts>
<ownershipNature><directOrIndirectOwnership><value>D</value></directOrIndirectOwnership></ownershipNature></${name}>`
}

export interface OwnershipParts {
  readonly form?: string
  readonly symbol?: string
  readonly extra?: string
  readonly trades?: readonly Trade[]
  readonly owners?: readonly string[]
  readonly period?: string
}

export function ownershipXml(parts: OwnershipParts = {}): string {
  const { form = '4', symbol = 'XYZ', extra = '', trades = [{ price: '12.50' }], owners = ['0000000007'], period = '2021-01-12-05:00' } = parts
  const tables = [false, true].map((derivative) => {
    const lines = trades.filter((trade) => (trade.derivative ?? false) === derivative).map(tradeXml).join('\n')
    const table = derivative ? 'derivativeTable' : 'nonDerivativeTable'
    return lines === '' ? '' : `<${table}>${lines}</${table}>`
  })
  const people = owners.map((cik) => `<reportingOwner><reportingOwnerId><rptOwnerCik>${cik}</rptOwnerCik><rptOwnerName>Doe ${cik}</rptOwnerName>
</reportingOwnerId><reportingOwnerRelationship><isOfficer>1</isOfficer><isDirector>false</isDirector><officerTitle>CEO &amp; Chair</officerTitle>
</reportingOwnerRelationship></reportingOwner>`)
  return `<?xml version="1.0"?>
<ownershipDocument><schemaVersion>X0508</schemaVersion><documentType>${form}</documentType><periodOfReport>${period}</periodOfReport>
<issuer><issuerCik>42</issuerCik><issuerName>Example Co</issuerName><issuerTradingSymbol>${symbol}</issuerTradingSymbol></issuer>
${people.join('\n')}${extra}${tables.join('')}<footnotes><footnote id="F1">Stated elsewhere.</footnote></footnotes></ownershipDocument>`
}

export function submissionText(documents: readonly (readonly [string, string])[], header = '<ACCEPTANCE-DATETIME>20210115160730\n'): string {
  const bodies = documents.map(([type, xml], i) =>
    `<DOCUMENT>\n<TYPE>${type}\n<SEQUENCE>${i + 1}\n<FILENAME>d${i}.xml\n<TEXT>\n<XML>\n${xml}\n</XML>\n</TEXT>\n</DOCUMENT>\n`)
  return `<SEC-DOCUMENT>x.txt : 20210115\n<SEC-HEADER>x.hdr.sgml : 20210115\n${header}ACCESSION NUMBER:\t\t0000000042-21-000001
CONFORMED SUBMISSION TYPE:\t${documents[0]?.[0] ?? '8-K'}\nFILED AS OF DATE:\t\t20210115\n</SEC-HEADER>\n${bodies.join('')}</SEC-DOCUMENT>`
}

export function coverXml(form = '13F-HR', signed = '02-12-2021', extra = ''): string {
  return `<?xml version="1.0"?><edgarSubmission xmlns="http://www.sec.gov/edgar/thirteenffiler"><headerData><submissionType>${form}</submissionType>
<filerInfo><filer><credentials><cik>0000000099</cik></credentials></filer><periodOfReport>12-31-2020</periodOfReport></filerInfo></headerData>
<formData><coverPage><reportCalendarOrQuarter>12-31-2020</reportCalendarOrQuarter>${extra}<filingManager><name>Example Fund</name></filingManager>
</coverPage><signatureBlock><signatureDate>${signed}</signatureDate></signatureBlock><summaryPage><tableEntryTotal>1</tableEntryTotal>
<tableValueTotal>230</tableValueTotal></summaryPage></formData></edgarSubmission>`
}

export function holdingsXml(prefix = 'n1'): string {
  const p = prefix === '' ? '' : `${prefix}:`
  return `<?xml version="1.0"?><${p}informationTable xmlns${prefix === '' ? '' : `:${prefix}`}="http://www.sec.gov/edgar/document/thirteenf/informationtable">
<${p}infoTable><${p}nameOfIssuer>EXAMPLE CO</${p}nameOfIssuer><${p}titleOfClass>COM</${p}titleOfClass><${p}cusip>01234567a</${p}cusip><${p}value>230</${p}value>
<${p}shrsOrPrnAmt><${p}sshPrnamt>1700</${p}sshPrnamt><${p}sshPrnamtType>SH</${p}sshPrnamtType></${p}shrsOrPrnAmt><${p}putCall>Put</${p}putCall>
<${p}votingAuthority><${p}Sole>1700</${p}Sole><${p}Shared>0</${p}Shared><${p}None>0</${p}None></${p}votingAuthority></${p}infoTable></${p}informationTable>`
}

export function feedEntry(form: string, accession: string, party: string, updated = '2021-01-15T18:02:43-05:00'): string {
  const folder = `${Number(/\((\d{10})\)/.exec(party)?.[1])}/${accession.replaceAll('-', '')}`
  return `<entry><title>${form} - ${party}</title><link href="https://www.sec.gov/Archives/edgar/data/${folder}/${accession}-index.htm"/>
<summary type="html">&lt;b&gt;Filed:&lt;/b&gt; 2021-01-15 &lt;b&gt;AccNo:&lt;/b&gt; ${accession}</summary><updated>${updated}</updated>
<category scheme="x" label="form type" term="${form}"/><id>urn:tag:sec.gov,2008:accession-number=${accession}</id></entry>`
}

export const feedXml = (...entries: readonly string[]): string =>
  `<?xml version="1.0" encoding="ISO-8859-1" ?><feed xmlns="http://www.w3.org/2005/Atom">${entries.join('\n')}</feed>`
