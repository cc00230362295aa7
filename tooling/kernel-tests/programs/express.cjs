// A server as express's guide has it. It knows nothing of any stack.
const express = require('express');

const app = express();
app.use(express.json());
app.get('/', (_request, response) => response.json({ hello: 'world' }));
app.post('/sum', (request, response) => response.json({ sum: request.body.numbers.reduce((a, b) => a + b, 0) }));
const server = app.listen(3000, '0.0.0.0', () => console.log('listening', server.address().port));
process.on('SIGTERM', () => server.close());
