import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileObjects } from '#adapter/file/objects'
import { lazyS3 } from '#adapter/s3/lazy'
import { s3Secrets, s3Server } from '../service/s3.ts'
import { objectsSuite } from './objects.suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'vanta-objects-'))
objectsSuite('folder', { skip: undefined, open: async (name) => fileObjects(join(folder, name)) })

const s3 = await s3Server()
objectsSuite('s3', {
  skip: s3.skip,
  open: async (name) => lazyS3(`s3://vanta-test/${name}?endpoint=${s3.endpoint}`, {
    secrets: async () => ({ place: 'secrets/s3', secrets: s3Secrets }), pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }),
})
