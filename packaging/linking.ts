/**
 * An ES module of the bundler's as CommonJS. Its imports are bound in one of three ways:
 *
 * - at once, as constants: what stands in another file that is loaded with it. No access goes through an object, as it does
 *   where the bundler translates by itself.
 * - when they are first used: lazy files, and what Node brings along, much of which loads longer than all of our own.
 *   `process.getBuiltinModule` reaches that past every bundler, also where `require` does not exist.
 * - as the bundler does it: packages.
 *
 * The bundler names what it requires `import_x` and uses it as `import_x.name`; these words are what is changed here.
 */
import { type TransformOptions, transform } from 'esbuild'
import { TARGET } from './bundle.ts'

/** How an import is bound. */
export type Binding =
  | { readonly kind: 'constants'; readonly path: string; nameOf(name: string): string }
  | { readonly kind: 'lazy'; readonly load: string; nameOf(name: string): string }
  | undefined

/** Jest knows no `import()` without a flag of Node's. */
const AS_COMMONJS: TransformOptions = {
  format: 'cjs',
  platform: 'node',
  target: TARGET,
  supported: { 'dynamic-import': false },
}

/** V8 reads all of a file before it runs any of it, so half the text is half the wait. Node shows the line of a throw. */
const MINIFIED: TransformOptions = {
  format: 'cjs',
  platform: 'node',
  target: TARGET,
  minify: true,
  lineLimit: 160,
  treeShaking: true,
}
/** A path that the end of a line has cut in two. */
const CUT = /require\("([^"]*)\\\n([^"]*)"\)/g

/** What the bundler exports are getters, which not every reader of modules sees. */
const EXPORTED = /^var stdin_exports = \{\};\n__export\(stdin_exports, \{([^}]*)\}\);\nmodule\.exports = .*\n/m
const ANNOTATED = /^\/\/ Annotate .*\n0 && \(module\.exports = \{[^}]*\}\);\n/m
const GETTER = /([\w$]+): \(\) => ([\w$]+)/g

const REQUIRED = /^var (import_\w+) = require\("([^"]+)"\);$/gm
const AWAITED = /\brequire\("([^"]+)"\)/g

/** `bindingOf` says how the import of a path is bound, `pathOf` where in truth stands what is imported by `import()`. */
export async function toCommonJs(
  text: string,
  bindingOf: (path: string) => Binding,
  pathOf: (path: string) => string,
): Promise<string> {
  const shebang = /^#!.*\n/.exec(text)?.[0] ?? ''
  let { code } = await transform(text.slice(shebang.length), AS_COMMONJS)
  const loaders = new Map<string, string>()
  for (const [line, id, path] of code.matchAll(REQUIRED)) {
    const binding = bindingOf(path)
    if (binding === undefined) continue
    // A call is written as (0, import_x.name)(), so that it has no `this`.
    const use = new RegExp(`\\(0, ${id}\\.([\\w$]+)\\)|\\b${id}\\.([\\w$]+)`, 'g')
    if (binding.kind === 'lazy') {
      // A file has one for all of its modules.
      const loader = loaders.get(binding.load) ?? id
      const accessed = code.replace(use, (_, called, name) =>
        called ? `(0, ${loader}().${binding.nameOf(called)})` : `(${loader}()).${binding.nameOf(name)}`,
      )
      const isMade = loaders.has(binding.load)
      loaders.set(binding.load, loader)
      code = accessed.replace(line, isMade ? '' : `let ${id}_; const ${id} = () => ${id}_ ??= ${binding.load};`)
    } else {
      const names = new Set<string>()
      const accessed = code.replace(use, (_, called, name) => {
        names.add(called ?? name)
        return `${id}_${called ?? name}`
      })
      const constants = [...names].map((name) => `${binding.nameOf(name)}: ${id}_${name}`)
      // Nothing happens while a file loads, so one of which nothing is used need not be.
      const loaded = constants.length === 0 ? '' : `const { ${constants.join(', ')} } = require("${binding.path}");`
      code = accessed.replace(line, loaded)
    }
  }
  code = code.replace(AWAITED, (_, path) => `require("${pathOf(path)}")`)
  code = withPlainExports(code)
  const minified = (await transform(code, MINIFIED)).code
  return shebang + minified.replace(CUT, 'require("$1$2")')
}

function withPlainExports(code: string): string {
  const found = EXPORTED.exec(code)
  if (found === null) return code
  const assigned = [...found[1].matchAll(GETTER)].map(([, name, local]) => `exports.${name} = ${local};\n`)
  const rest = code.replace(EXPORTED, '').replace(ANNOTATED, '')
  return `Object.defineProperty(exports, "__esModule", { value: true });\n${rest}\n${assigned.join('')}`
}
