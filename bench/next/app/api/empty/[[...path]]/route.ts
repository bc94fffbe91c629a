/** The least that a route of the same shape can do: what the Next door of zerodis is measured against. */
export const dynamic = 'force-dynamic'

export async function POST(request: Request): Promise<Response> {
  await request.json()
  return Response.json({ result: null })
}
