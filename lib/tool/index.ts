export * from './define.ts'
export * from './exit.ts'
export * from './options.ts'
