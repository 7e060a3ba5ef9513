import { isName } from '#domain/certificate/register'
import { command, Failure } from '#tool'
import { AUTHORITY_OPTION, authorityFolder, withAuthorityIn } from '#tool/authority'

export default command({
  name: 'vanta-keys init',
  summary: 'Make an authority: its key, its own certificate, and an empty list of revoked ones.',
  about: [
    'The folder holds ca-1.pem (key and certificate, for its owner only), register.json (what was certified and revoked), and for everybody',
    'ca.pem and ca.crl. It may lie on a machine, or a medium, that no node can reach: nodes need certificates, ca.pem and ca.crl.',
    'Clients that heed the list refuse all once it has aged (--crl-life); every verb that writes makes it anew.',
  ].join(' '),
  operands: '[NAME]',
  options: {
    authority: AUTHORITY_OPTION,
    life: { kind: 'duration', default: '1826d', help: "life of the authority's own certificate" },
    crlLife: { kind: 'duration', default: '30d', help: 'how long a list of revoked certificates counts' },
    crlAt: { kind: 'text', help: 'address of ca.crl, for servers that fetch it, such as http://keys.example/ca.crl or file:///opt/vanta/ca.crl' },
  },
  examples: ['vanta-keys init vanta-ca'],
  act({ authority, life, crlLife, crlAt }, [name = 'vanta-ca', ...more], world) {
    if (more.length > 0 || !isName(name)) throw new Failure('usage', 'expected one name of small letters, digits, dots and -')
    if (crlAt !== undefined && !/^(?:https?|file):\/\/[!-~]+$/.test(crlAt)) throw new Failure('usage', `--crl-at: expected an address, got "${crlAt}"`)
    const folder = authorityFolder(authority, world)
    const fresh = { name, crl_number: 0, crl_life_ms: crlLife, ...(crlAt !== undefined && { crl_at: crlAt }), authorities: [], issued: [], revoked: [] }
    withAuthorityIn(folder, world, (at) => {
      at.extend(life, at.nowMs)
      at.publish()
      const [own] = at.register.authorities
      world.print(`${name} ${own?.serial ?? ''} until ${own?.not_after ?? ''} ${folder}`)
    }, fresh)
  },
})
