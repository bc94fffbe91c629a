declare module 'parse-prometheus-text-format' {
  /** One entry a family; values are text. */
  export default function parse(text: string): unknown[]
}
