export * from './alone.ts'
export * from './define.ts'
export * from '#port/failure'
export * from './options.ts'
