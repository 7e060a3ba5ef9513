/**
 * The line a record was read from, so that it can be written back byte for byte. It hangs on the object as a private field:
 * invisible to everyone else, and not copied when someone spreads the record into a new one that says something different.
 */
class Given {
  constructor(object: object) {
    return object
  }
}

class Lined extends Given {
  #line: string

  constructor(record: object, line: string) {
    super(record)
    this.#line = line
  }

  static get(record: object): string | undefined {
    return #line in record ? record.#line : undefined
  }

  static set(record: object, line: string): void {
    if (#line in record) record.#line = line
    else new Lined(record, line)
  }
}

export const keptLine = (record: object): string | undefined => Lined.get(record)

export function keepLine<R extends object>(record: R, line: string): R {
  Lined.set(record, line)
  return record
}
