export * from '#port/failure'
