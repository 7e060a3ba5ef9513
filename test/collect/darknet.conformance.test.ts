import { conforms } from './conformance.ts'

const post = (n: number): string => `<div id="p${n}" class="post"><p class="author"><strong>ann</strong>
  <time datetime="2024-01-15T10:${String(n).padStart(2, '0')}:00Z">x</time></p><div class="content">words ${n}</div></div>`
const page = (numbers: readonly number[], next?: string): { headers: { 'content-type': string }; body: string } => ({
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!DOCTYPE html><html><body><h2 class="topic-title">A title</h2>${numbers.map(post).join('')}${next === undefined ? '' : `<a rel="next" href="${next}">Next</a>`}</body></html>`,
})
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

conforms({
  tool: 'vanta-darknet',
  words: ['--url', 'http://exampleonion.onion/viewtopic.php?t=5'],
  routes: {
    '/viewtopic.php?t=5': page(range(1, 20), './viewtopic.php?t=5&amp;start=20'),
    '/viewtopic.php?t=5&start=20': page(range(20, 40), './viewtopic.php?t=5&amp;start=40'),
    '/viewtopic.php?t=5&start=40': page(range(41, 50)),
  },
  atLeast: 50,
})
