import { filter } from '#tool'

export default filter({
  name: 'vanta-beam',
  summary: 'Move records between pipes and streams that many processes share.',
  about: [
    'A stream is a file in the home (file:NAME), or stands on a Redis server (redis:NAME, redis://HOST:PORT/NAME) or in Kafka (kafka:NAME,',
    'kafka://HOST:PORT/NAME); rediss:// and kafkas:// are encrypted. redis://A:PORT,B:PORT/NAME?replicas=1 is a primary and its copies, of which one must',
    'have what was sent. User names stand in the address, passwords in secrets/bus of the home',
    '(redis_password, redis_ca, redis_cert, redis_key; kafka_password, ...), and VANTA_REDIS and VANTA_KAFKA name the servers of the short forms.\n',
    'Records of one subject keep their order. A group hears each line until one of its members has passed it on; copies of a tool share the',
    'partitions of the stream (?partitions=N, where it is new), so that scaling out is starting a second one. Without --group a stream is read again,',
    'for nobody. Every tool that reads records takes --in, --group and --out as well; lines it cannot read go to NAME.dead.',
  ].join(' '),
  reads: [],
  options: {
    from: { kind: 'text', help: 'stream to read, instead of stdin' },
    to: { kind: 'text', help: 'stream to write to, instead of stdout' },
    until: { kind: 'choice', choices: ['now', 'stopped'], default: 'stopped', help: 'now: end when all that is there has been read' },
  },
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | head -200 | vanta-beam --to file:posts',
    'vanta-sec --from test/cases/vanta-sec/0001-form-4/form4.txt | vanta-beam --to file:all && vanta-beam --from file:all --group g --until now | wc -l',
    { run: 'vanta-beam --from http://127.0.0.1/x', note: 'no such kind of stream', status: 2 },
  ],
  streams: ({ from, to, until }) => ({ to, from: from === undefined ? undefined : { address: from, goesOn: until !== 'now' } }),
  open: () => ({ each: (record, emit) => emit(record) }),
})
