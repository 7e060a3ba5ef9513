import { formatInstant } from '#record'
import { dueIn, lifeOf, wantedOf } from '#domain/certificate/register'
import { command, Failure } from '#tool'
import { AUTHORITY_OPTION, authorityFolder, carriedTo, certificateFolder, TO_OPTION, withAuthorityIn, type AuthorityAtWork } from '#tool/authority'
import { say } from './issue.ts'

export default command({
  name: 'vanta-keys rotate',
  summary: 'Make the next key and certificate of names, or of all that are due; those before count until they end or are revoked.',
  about: [
    'The new file replaces the old one at once and whole. The word ca makes the next key of the authority itself: it is trusted by whoever has the new',
    'ca.pem, and signs only once --overlap is over, when all nodes should have it; what the old one signed counts to its end.',
    'The keys that sign the audit log and allocations are rotated by vanta-audit rotate and vanta-vault key.',
  ].join(' '),
  operands: '[NAME...]',
  options: {
    authority: AUTHORITY_OPTION,
    to: TO_OPTION,
    due: { kind: 'flag', help: 'all whose life is over by two thirds, or has ended without being revoked, and the list of revoked ones: for a timer' },
    overlap: { kind: 'duration', default: '7d', help: "of ca: how long until the authority's new key signs" },
    life: { kind: 'duration', help: 'of ca: life of its new certificate (default: as before)' },
  },
  examples: [
    'vanta-keys init >/dev/null && vanta-keys issue markets >/dev/null && vanta-keys rotate markets',
    'vanta-keys init >/dev/null && vanta-keys rotate --due',
  ],
  act({ authority, to, due, overlap, life }, names, world) {
    if (due === names.length > 0) throw new Failure('usage', 'expected names, or --due')
    const folder = certificateFolder(to, world)
    withAuthorityIn(authorityFolder(authority, world), world, (at) => {
      const wanted = due ? dueIn(at.register, at.nowMs) : names.filter((name) => name !== 'ca').map((name) => latestOf(name, at))
      const before = at.register.authorities.at(-1)
      if (names.includes('ca') && before !== undefined) {
        at.extend(life ?? lifeOf(before), at.nowMs + overlap)
        const own = at.register.authorities.at(-1)
        world.print(`${at.register.name} ${own?.serial ?? ''} signs from ${own?.signs_from ?? ''} until ${own?.not_after ?? ''}`)
      }
      for (const last of wanted) {
        say(at.issue(wantedOf(last), folder), folder, world)
        if (last.not_after > formatInstant(at.nowMs)) world.log.info(`${last.name}: ${last.serial} counts until ${last.not_after}`)
        else if (due) world.log.warn(`${last.name}: it had no certificate that counted since ${last.not_after}; vanta-keys revoke ends a name for good`)
      }
      at.publish(...(wanted.length === 0 ? carriedTo(to, world) : [folder]))
      world.log.info('every node needs the new ca.pem and ca.crl')
    })
  },
})

/** What the name was certified for last, even where that has ended or was revoked. */
function latestOf(name: string, { register }: AuthorityAtWork): (typeof register.issued)[number] {
  const latest = register.issued.findLast((one) => one.name === name)
  if (latest === undefined) throw new Failure('usage', `there was no certificate of ${name}; vanta-keys issue makes one`)
  return latest
}
