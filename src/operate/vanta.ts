import { jsonSchema, KINDS, isKind, type Json } from '#record'
import { command, Failure, verbs, action } from '#tool'
import { settingsOf } from '#tool/argv'
import { completionOf, SHELLS } from '#tool/completion'
import { helpOf } from '#tool/help'
import { catalogueEntry } from '#tool/catalogue'
import { manOf } from '#tool/man'
import { runPiped } from '#tool/pipe'
import { fuse, parsePipeline } from '#tool/pipeline'
import { actOf } from '#tool/verb'
import { VERSION } from '#tool/version'
import { readNamed } from '#port/folder'
import { allTools, findTool, loadTool, toolsByStage } from '../tools.ts'
import alarm from './vanta/alarm.ts'
import backup from './vanta/backup.ts'
import logs from './vanta/logs.ts'
import metrics from './vanta/metrics.ts'
import restore from './vanta/restore.ts'
import install from './vanta/install.ts'
import rotate from './vanta/rotate.ts'
import status from './vanta/status.ts'
import stream from './vanta/stream.ts'

const REPLAY = 'vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-05'

export default verbs({
  name: 'vanta',
  summary: 'Run any tool (`vanta decay` is `vanta-decay`), run pipelines, and describe the toolkit.',
  otherwise: (word) => findTool(`vanta-${word}`),
  verbs: {
    list: command({
      name: 'vanta list',
      summary: 'List the tools by stage of the loop.',
      options: { json: { kind: 'flag', help: 'one JSON object a tool, with its option table' } },
      examples: ['vanta list', 'vanta list --json | jq -r .name'],
      async act({ json }, _, world) {
        for (const [stage, tools] of await toolsByStage()) {
          for (const tool of tools) {
            const line = `${stage.padEnd(12)}${tool.name.padEnd(18)}${tool.summary}`
            world.print(json ? JSON.stringify({ stage, ...catalogueEntry(tool) }) : line)
          }
        }
      },
    }),
    help: command({
      name: 'vanta help',
      summary: 'The help text of a tool.',
      operands: 'TOOL',
      options: {},
      examples: ['vanta help decay'],
      async act(_, [name = 'vanta'], world) {
        world.print(helpOf(await loadTool(name)).trimEnd())
      },
    }),
    fuse: action({
      name: 'vanta fuse',
      summary: 'Run a pipeline file in one process: records on stdin, records on stdout.',
      about:
        'A pipeline file names one tool a line, as between the bars of a shell pipe; # starts a comment. `vanta pipe` runs the same ' +
        'file as processes, with the same bytes out.',
      options: { pipeline: { kind: 'path', required: true, help: 'the pipeline file' } },
      reads: KINDS,
      examples: [`${REPLAY} | vanta fuse --pipeline pipelines/reason.pipe --now stream | tail -1`],
      async open({ pipeline }, world) {
        const text = readNamed(world.folder, pipeline)
        let out: Parameters<typeof fuse>[3] = () => undefined
        const chain = await fuse(parsePipeline(text.toString('utf8'), pipeline), findTool, world, (record) => out(record))
        return {
          each(record, emit) {
            out = emit
            return chain.push(record)
          },
          end(emit) {
            out = emit
            return chain.end()
          },
          flushed: () => chain.flushed(),
          landed: () => chain.landed(),
          verdict: () => chain.verdict(),
        }
      },
    }),
    pipe: command({
      name: 'vanta pipe',
      summary: 'Run a pipeline file as processes joined by pipes: records on stdin, records on stdout.',
      operands: 'PIPELINE',
      options: {},
      examples: [`${REPLAY} | VANTA_NOW=stream vanta pipe pipelines/reason.pipe | tail -1`],
      async act(_, [file], world) {
        if (file === undefined) throw new Failure('usage', 'which pipeline file?')
        const text = readNamed(world.folder, file)
        return runPiped(parsePipeline(text.toString('utf8'), file), world.root)
      },
    }),
    config: command({
      name: 'vanta config',
      summary: 'The settings a tool would run with, and where each comes from.',
      operands: 'TOOL [OPTIONS]',
      options: { explain: { kind: 'flag', help: 'also say where each value comes from' } },
      examples: ['vanta config --explain decay', 'VANTA_DECAY_HALF_LIFE=2h vanta config --explain decay'],
      async act({ explain }, [name = 'vanta', ...words], world) {
        const tool = await loadTool(name)
        const found = actOf(tool, words)
        if (found === undefined) throw new Failure('usage', `${tool.name} has no verb "${words[0] ?? ''}"`)
        for (const { flag, typed, origin, place } of await settingsOf(found.act, found.rest)) {
          const setting = `${`--${flag}`.padEnd(18)} ${typed ?? '-'}`
          world.print(explain ? `${setting.padEnd(44)} ${origin}${place === '' ? '' : ` (${place})`}` : setting)
        }
      },
    }),
    home: command({
      name: 'vanta home',
      summary: 'The folder that holds memory/ and logs/.',
      options: {},
      examples: ['vanta home'],
      act: (_, __, world) => world.print(world.home),
    }),
    alarm,
    install,
    status,
    stream,
    metrics,
    backup,
    restore,
    rotate,
    logs,
    schema: command({
      name: 'vanta schema',
      summary: 'JSON Schema of a record kind, or of all.',
      operands: '[KIND]',
      options: {},
      examples: ['vanta schema conviction | jq .required'],
      act(_, [kind], world) {
        if (kind !== undefined && !isKind(kind)) throw new Failure('usage', `no kind "${kind}"; there are ${KINDS.join(', ')}`)
        const schema: Json = kind === undefined ? { anyOf: KINDS.map(jsonSchema) } : jsonSchema(kind)
        world.print(JSON.stringify(schema))
      },
    }),
    man: command({
      name: 'vanta man',
      summary: 'The man page of a tool in roff; view it with `vanta man decay | man -l -`.',
      operands: '[TOOL]',
      options: { all: { kind: 'path', help: 'write the pages of all tools into this folder' } },
      examples: ['vanta man decay | head -1'],
      async act({ all }, [name = 'vanta'], world) {
        if (all === undefined) return world.print(manOf(await loadTool(name), VERSION).trimEnd())
        for (const tool of await allTools()) world.folder.write(`${all}/${tool.name}.1`, manOf(tool, VERSION))
      },
    }),
    completion: command({
      name: 'vanta completion',
      summary: 'Completion script for bash, zsh or fish.',
      operands: SHELLS.join('|'),
      options: {},
      examples: ['vanta completion bash > /dev/null'],
      async act(_, [shell = 'bash'], world) {
        const known = SHELLS.find((name) => name === shell)
        if (known === undefined) throw new Failure('usage', `no completion for "${shell}"; there are ${SHELLS.join(', ')}`)
        world.print(completionOf(await allTools(), known).trimEnd())
      },
    }),
  },
})
