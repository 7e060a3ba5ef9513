import { holding, withRevoked } from '#domain/certificate/register'
import { REASONS } from '#domain/certificate/x509'
import { command, Failure } from '#tool'
import { AUTHORITY_OPTION, authorityFolder, carriedTo, TO_OPTION, withAuthorityIn } from '#tool/authority'

export default command({
  name: 'vanta-keys revoke',
  summary: 'Take certificates back before they end, by name or serial.',
  about: [
    'They stand in ca.crl from now on, which is to be brought to every node: Vanta refuses servers whose certificate is in it, and refuses all where the',
    'list has aged. Kafka heeds it where Java fetches it (-Dcom.sun.net.ssl.checkRevocation=true -Dcom.sun.security.enableCRLDP=true, and init --crl-at).',
    'Redis reads no such lists: there the user of the node is switched off as well, and what it is connected by is ended: the commands are said.',
  ].join(' '),
  operands: 'NAME_OR_SERIAL...',
  options: {
    authority: AUTHORITY_OPTION,
    to: { ...TO_OPTION, help: 'folder that the new list is brought to (default: secrets/tls in the home, where there are certificates)' },
    reason: { kind: 'choice', choices: REASONS, default: 'unspecified', help: 'why, as the list tells it' },
  },
  examples: ['vanta-keys init >/dev/null && vanta-keys issue markets >/dev/null && vanta-keys revoke markets --reason key-compromise'],
  act({ authority, to, reason }, words, world) {
    if (words.length === 0) throw new Failure('usage', 'expected names or serials')
    withAuthorityIn(authorityFolder(authority, world), world, (at) => {
      const held = holding(at.register, at.nowMs), taken = words.flatMap((word) => {
        const found = held.filter(({ name, serial }) => name === word || serial === word)
        if (found.length === 0) throw new Failure('negative', `${word}: no certificate that counts`)
        return found
      })
      at.change(withRevoked(at.register, taken.map(({ serial }) => serial), reason, at.nowMs))
      at.publish(...carriedTo(to, world))
      for (const { name, serial } of taken) world.print(`${name} ${serial} revoked`)
      world.log.info('every node needs the new ca.crl')
      const names = [...new Set(taken.map(({ name }) => name))]
      for (const name of names) {
        const isLeft = holding(at.register, at.nowMs).some((one) => one.name === name)
        // A connection that stands outlives `off`, and what is not saved is gone when the server starts again.
        const [does, why] = isLeft ? ['resetpass >NEW', ': there the revoked certificate still lets it in'] : ['off', '']
        world.log.info(`at Redis: ACL SETUSER ${name} ${does}, CLIENT KILL USER ${name}, ACL SAVE${why}`)
      }
    })
  },
})
