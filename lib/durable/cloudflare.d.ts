/** What is used of the module that Cloudflare's runtime brings along. */
declare module 'cloudflare:workers' {
  export class DurableObject {
    constructor(state: object, bindings: object)
  }
  export class RpcTarget {}
}
