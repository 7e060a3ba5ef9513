export * from './time.ts'
export * from './canonical.ts'
export * from './schema.ts'
export * from './record.ts'
