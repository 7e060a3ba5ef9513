export * from './define.ts'
export * from '#port/failure'
export * from './options.ts'
