import { holding, withOwnName, type Issued } from '#domain/certificate/register'
import { parseAltName } from '#domain/certificate/alt_name'
import { USES, type AltName } from '#domain/certificate/x509'
import { command, Failure, type ActionWorld } from '#tool'
import { AUTHORITY_OPTION, authorityFolder, certificateFile, certificateFolder, TO_OPTION, withAuthorityIn } from '#tool/authority'

export default command({
  name: 'vanta-keys issue',
  summary: 'Make a key and its certificate for a node or a server.',
  about: [
    'FOLDER/NAME.pem holds the private key and the certificate, for its owner only, as Node, OpenSSL, Redis and Kafka (a PEM keystore) read them',
    'from one file; ca.pem and ca.crl lie beside it. Servers need the names that clients reach them by (--names); a client is known by NAME alone.',
  ].join(' '),
  operands: 'NAME',
  options: {
    authority: AUTHORITY_OPTION,
    to: TO_OPTION,
    names: { kind: 'list', default: '', help: 'names of DNS and addresses besides NAME, such as redis.example,10.0.0.1' },
    use: { kind: 'choice', choices: USES, default: 'client', help: 'what it may be shown as' },
    life: { kind: 'duration', default: '30d', help: 'how long it counts; --due of rotate renews it when two thirds are over' },
  },
  examples: ['vanta-keys init >/dev/null && vanta-keys issue redis --names localhost,127.0.0.1 --use server && vanta-keys issue markets'],
  act({ authority, to, names, use, life }, [name, ...more], world) {
    if (name === undefined || more.length > 0) throw new Failure('usage', 'expected one name')
    const altNames = withOwnName(name, names.filter((text) => text !== '').map(altName)), folder = certificateFolder(to, world)
    withAuthorityIn(authorityFolder(authority, world), world, (at) => {
      const [held] = holding(at.register, at.nowMs).filter((one) => one.name === name)
      if (held !== undefined) throw new Failure('refused', `${name} has a certificate until ${held.not_after}; vanta-keys rotate ${name} makes the next`)
      const issued = at.issue({ name, use, altNames, lifeMs: life }, folder)
      at.publish(folder)
      say(issued, folder, world)
    })
  },
})

function altName(text: string): AltName {
  const name = parseAltName(text)
  if (name === undefined) throw new Failure('usage', `--names: expected a name of DNS or an address, got "${text}"`)
  return name
}

/** What was made, in a line. */
export const say = ({ name, serial, not_after: end }: Issued, folder: string, { print }: ActionWorld): void =>
  print(`${name} ${serial} until ${end} ${certificateFile(folder, name)}`)
