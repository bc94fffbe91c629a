/** An object that remembers which of its methods were asked for, so that a test can say that none was left out. */
export function recorded<T extends object>(object: T, used: Set<string>): T {
  return new Proxy(object, {
    get(target, name): unknown {
      used.add(String(name))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
