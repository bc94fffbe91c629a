import express from 'express'
import { toNodeHandler } from 'zerodis/node'

const app = express()
// Ahead of express.json(), which would read the bodies.
app.use('/redis', toNodeHandler())
app.use(express.json())
app.get('/', (_, response) => response.send('A page'))
app.listen(Number(process.env.PORT ?? 3000))
